/** How a kit gets from a server to other machines: the face of this folder. */
export { kitArchive } from './archive.ts';
export { powershellInstaller } from './powershell.ts';
export { shellInstaller } from './sh.ts';
