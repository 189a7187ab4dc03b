/** Longest name of a bundle that `README.txt` repeats (bytes in UTF-8), so that the file has at most 1 KiB. */
const NAME_LIMIT = 128;

const TEXT = `
Container images, charts and files, carried across an air gap. bundle.json says
what is inside; its SHA-256, the root digest, stands for every byte.

To check it by hand, compare the root digest with the one you were told, then
every file with SHA256SUMS. In the folder of this file:

Linux    sha256sum bundle.json
         sha256sum -c SHA256SUMS
macOS    shasum -a 256 bundle.json
         shasum -a 256 -c SHA256SUMS
Windows  certutil -hashfile bundle.json SHA256
         powershell -c "gc SHA256SUMS|%{if((Get-FileHash $_.Substring(66)).Hash-ne$_.Substring(0,64)){'BAD '+$_}}"

sha256:HEX in bundle.json is the file blobs/sha256/HEX.
Specification: https://saddlebag.dev/bundle-spec/1
`;

/** Returns the bytes of `README.txt`, which follow from the name of the bundle. */
export function encodeReadme(name: string): Uint8Array {
  const title = Buffer.byteLength(name) <= NAME_LIMIT ? `Saddlebag bundle: ${name}` : 'Saddlebag bundle';
  return Buffer.from(`${title}\n${TEXT}`);
}
