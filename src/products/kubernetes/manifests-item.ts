/** Name of the item that the manifests of a spec are in a bundle, and of the folder that they lie in. */
export const MANIFESTS_ITEM = 'manifests';
