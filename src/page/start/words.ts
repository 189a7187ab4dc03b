import type { StartStep, StartSystem } from './commands.ts';

/** The words of the first page in one language. */
export interface StartWords {
  /** Fragment of the page's URL. */
  readonly id: string;
  /** BCP 47 */
  readonly lang: string;
  readonly what: string;
  readonly whatText: string;
  readonly whoText: string;
  readonly runsOn: string;
  readonly root: string;
  readonly rootText: string;
  readonly steps: string;
  readonly stepsText: string;
  readonly actions: Readonly<Record<StartStep, string>>;
  readonly systems: Readonly<
    Record<StartSystem, { readonly title: string; readonly intro: string; readonly warning: string }>
  >;
  readonly receipt: string;
  readonly receiptText: string;
  readonly copy: string;
  readonly copied: string;
}

/** Every language of the page, in order. */
export const START_WORDS: readonly StartWords[] = [
  {
    id: 'en',
    lang: 'en',
    what: 'What this is',
    whatText:
      'A bundle of software for computers without internet, and beside it the program that checks and installs it. Nothing has to be installed first, and nothing here contacts the internet.',
    whoText: 'It is for whoever looks after a computer over here.',
    runsOn: 'The program runs on',
    root: 'Root digest:',
    rootText:
      'This line stands for every byte of the bundle. Compare it with the one that the sender gave you in another way, such as by telephone; the first command below prints it last.',
    steps: 'Three commands',
    stepsText:
      'Open a terminal in this folder and type them one after the other, each when the one before it is done.',
    actions: {
      verify: 'Check every byte of the bundle, and of this program:',
      preview: 'See what would be installed; nothing is changed:',
      install: 'Install it for this user:',
    },
    systems: {
      windows: {
        title: 'Windows',
        intro:
          'A double click on bundle.cmd opens a menu with the same steps. Or: hold Shift, right-click an empty place in this folder, choose "Open PowerShell window here" or "Open in Terminal".',
        warning:
          'When Windows warns that it protected your PC, or that the publisher is unknown: the runtime is Node.js as its publisher signed it; the two command files are plain text and can be read. Choose "More info", then "Run anyway", or copy this folder to your own disk first.',
      },
      macos: {
        title: 'macOS',
        intro: 'Open Terminal, type "cd " with a space, drag this folder into the window, and press Return.',
        warning:
          'When macOS says that "node" cannot be opened because it was downloaded: xattr -dr com.apple.quarantine kit',
      },
      linux: {
        title: 'Linux',
        intro: 'Open a terminal in this folder.',
        warning:
          'Many systems start no program from a stick. The launcher then copies the runtime into your cache folder, once, and says so. It needs glibc 2.28 or newer, as all common distributions have had since 2019; Alpine does not have it.',
      },
    },
    receipt: 'What goes back',
    receiptText:
      'The install ends with the path of a receipt. Bring that file back to the sender: with it the next bundle holds only what is missing here, and "bundle uninstall" takes everything back.',
    copy: 'Copy',
    copied: 'Copied',
  },
  {
    id: 'zh',
    lang: 'zh-Hans',
    what: '这是什么',
    whatText:
      '这里有一个供离线电脑使用的软件包，旁边是检查和安装它的程序。无需事先安装任何东西，整个过程也不会连接互联网。',
    whoText: '适用于负责维护本地电脑的人员。',
    runsOn: '程序可在以下平台运行：',
    root: '根摘要：',
    rootText:
      '这一行代表软件包的每一个字节。请与发送者通过其他途径（例如电话）告诉您的内容核对；下面第一条命令最后会输出它。',
    steps: '三条命令',
    stepsText: '在此文件夹中打开终端，依次输入以下命令，每条命令完成后再输入下一条。',
    actions: {
      verify: '检查软件包和本程序的每一个字节：',
      preview: '查看将要安装的内容，不做任何更改：',
      install: '为当前用户安装：',
    },
    systems: {
      windows: {
        title: 'Windows',
        intro:
          '双击 bundle.cmd 会打开包含相同步骤的菜单。也可以按住 Shift 键，在文件夹空白处单击右键，选择“在此处打开 PowerShell 窗口”或“在终端中打开”。',
        warning:
          '如果 Windows 提示“已保护你的电脑”或“发布者未知”：运行环境是由其发布者签名的 Node.js，两个命令文件是纯文本，可以打开查看。请选择“更多信息”，再选择“仍要运行”，或先把此文件夹复制到您自己的磁盘。',
      },
      macos: {
        title: 'macOS',
        intro: '打开“终端”，输入 “cd ”（后面带一个空格），把此文件夹拖入窗口，然后按回车键。',
        warning:
          '如果 macOS 提示 “node” 因为是下载的文件而无法打开，请运行：xattr -dr com.apple.quarantine kit',
      },
      linux: {
        title: 'Linux',
        intro: '在此文件夹中打开终端。',
        warning:
          '许多系统不允许从 U 盘启动程序。此时启动脚本会把运行环境复制到您的缓存目录（仅一次）并给出提示。需要 glibc 2.28 或更高版本，2019 年以来的常见发行版都具备；Alpine 不具备。',
      },
    },
    receipt: '带回什么',
    receiptText:
      '安装结束时会显示回执文件的路径。请把该文件带回给发送者：有了它，下一个软件包只需包含这里缺少的内容，“bundle uninstall” 也能凭它撤销全部安装。',
    copy: '复制',
    copied: '已复制',
  },
];
