import { hexOf, parseDigest } from '../../oci/digest.ts';

/** Returns the same as the script for sh for Windows PowerShell 5.1 and later: `irm … | iex`. */
export function powershellInstaller({
  origin,
  digest,
}: {
  readonly origin: string;
  readonly digest: string;
}): string {
  const hex = hexOf(parseDigest(digest));
  return `# Brings the program and its runtime from ${origin} into this user's own folder, checked by
# sha256:${hex}
& {
  $ErrorActionPreference = 'Stop'
  $site = '${origin}/kit'
  $want = '${hex}'
  $to = Join-Path $env:LOCALAPPDATA 'saddlebag\\kit-${hex.slice(0, 12)}'
  $part = "$to.partial.$PID"
  $client = New-Object System.Net.WebClient
  $client.UseDefaultCredentials = $true
  function Get-Sum($path) { (Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash.ToLower() }
  New-Item -ItemType Directory -Force -Path $part | Out-Null
  try {
    $sums = Join-Path $part 'SHA256SUMS'
    $client.DownloadFile("$site/SHA256SUMS", $sums)
    if ((Get-Sum $sums) -ne $want) { throw 'SHA256SUMS is not what this script was made for: fetch the script again' }
    foreach ($line in [System.IO.File]::ReadAllLines($sums)) {
      $sum = $line.Substring(0, 64)
      $path = $line.Substring(66)
      if ($path -notmatch '^(bundle\\.cmd|kit/kit\\.json|kit/(program|licences|node/win-x64)/[A-Za-z0-9._/-]+)$') { continue }
      $file = Join-Path $part $path.Replace('/', '\\')
      New-Item -ItemType Directory -Force -Path (Split-Path -Parent $file) | Out-Null
      $client.DownloadFile("$site/files/$path", $file)
      if ((Get-Sum $file) -ne $sum) { throw "$path is not what was sent: run this again" }
    }
    if (-not (Test-Path (Join-Path $part 'kit\\node\\win-x64\\node.exe'))) { throw 'the server has no runtime for Windows' }
    if (Test-Path $to) { Remove-Item -Recurse -Force -LiteralPath $to }
    Move-Item -LiteralPath $part -Destination $to
  } finally {
    if (Test-Path $part) { Remove-Item -Recurse -Force -LiteralPath $part }
  }
  & (Join-Path $to 'bundle.cmd') version | Out-Null
  Write-Host "Saddlebag is in $to, its command is $to\\bundle.cmd"
}
`;
}
