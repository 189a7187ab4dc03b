import type { NodePlatform } from '../../products/node.ts';

/** How much of a program (bytes) {@link runsOn} needs. */
export const HEAD = 1024;

/** ELF `e_machine`, Mach-O `cputype` and PE `Machine` of the architectures (elf.h, mach/machine.h, winnt.h). */
const MACHINES: Readonly<
  Record<string, { readonly elf: number; readonly macho: number; readonly pe: number }>
> = {
  amd64: { elf: 0x3e, macho: 0x01000007, pe: 0x8664 },
  arm64: { elf: 0xb7, macho: 0x0100000c, pe: 0xaa64 },
};

/** Returns whether a program with this beginning is one for the platform. */
export function runsOn(head: Buffer, { platform }: Pick<NodePlatform, 'platform'>): boolean {
  const [os = '', architecture = ''] = platform.split('/');
  const machine = MACHINES[architecture];
  if (machine === undefined || head.length < 64) return false;
  if (os === 'linux') return head.readUInt32BE(0) === 0x7f454c46 && head.readUInt16LE(18) === machine.elf;
  if (os === 'darwin') return head.readUInt32LE(0) === 0xfeedfacf && head.readUInt32LE(4) === machine.macho;
  const at = head.readUInt32LE(60);
  if (head.readUInt16BE(0) !== 0x4d5a || at > head.length - 6) return false;
  return head.readUInt32BE(at) === 0x50450000 && head.readUInt16LE(at + 4) === machine.pe;
}
