/** Label of a catalog's image: the folder of its documents (operator-registry, `pkg/containertools/labels.go`). */
export const CATALOG_LABEL = 'operators.operatorframework.io.index.configs.v1';
