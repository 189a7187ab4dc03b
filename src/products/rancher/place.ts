/** The GitHub repository of Rancher, owner and name. */
export const PROJECT = 'rancher/rancher';
