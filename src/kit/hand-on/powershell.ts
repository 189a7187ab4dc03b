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
    $archive = "$part.tar"
    # Windows has tar since 1803 of Windows 10; without it, the files come one by one.
    $tar = Join-Path $env:SystemRoot 'System32\\tar.exe'
    $hasTar = Test-Path -LiteralPath $tar
    if ($hasTar) {
      $client.DownloadFile("$site/archive/win-x64.tar", $archive)
      & $tar -xf $archive -C $part SHA256SUMS
    } else { $client.DownloadFile("$site/SHA256SUMS", $sums) }
    if ((Get-Sum $sums) -ne $want) { throw 'SHA256SUMS is not what this script was made for: fetch the script again' }
    $wanted = '^[0-9a-f]{64}  (bundle\\.cmd|kit/kit\\.json|kit/(program|licences|node/win-x64)/[A-Za-z0-9._/-]+)$'
    $lines = @([System.IO.File]::ReadAllLines($sums) | Where-Object { $_ -match $wanted })
    if ($hasTar) {
      [System.IO.File]::WriteAllLines("$part\\paths", [string[]]@($lines | ForEach-Object { $_.Substring(66) }))
      & $tar -xf $archive -C $part -T "$part\\paths"
      Remove-Item -LiteralPath "$part\\paths"
    }
    foreach ($line in $lines) {
      $path = $line.Substring(66)
      $file = Join-Path $part $path.Replace('/', '\\')
      if (-not $hasTar) {
        New-Item -ItemType Directory -Force -Path (Split-Path -Parent $file) | Out-Null
        $client.DownloadFile("$site/files/$path", $file)
      }
      if (-not (Test-Path -LiteralPath $file) -or (Get-Sum $file) -ne $line.Substring(0, 64)) {
        throw "$path is not what was sent: run this again"
      }
    }
    if (-not (Test-Path -LiteralPath (Join-Path $part 'kit\\node\\win-x64\\node.exe'))) { throw 'the server has no runtime for Windows' }
    if (Test-Path -LiteralPath $to) { Remove-Item -Recurse -Force -LiteralPath $to }
    Move-Item -LiteralPath $part -Destination $to
  } finally {
    foreach ($rest in @($part, $archive)) {
      if ($rest -and (Test-Path -LiteralPath $rest)) { Remove-Item -Recurse -Force -LiteralPath $rest }
    }
  }
  & (Join-Path $to 'bundle.cmd') version | Out-Null
  Write-Host "Saddlebag is in $to, its command is $to\\bundle.cmd"
}
`;
}
