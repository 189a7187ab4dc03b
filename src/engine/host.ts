/** What decides where the engines of a host are. */
export interface EngineHost {
  /** Operating system in Go and OCI terms: `linux`, `darwin`, `windows`. */
  readonly os: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The home directory, as the system reports it. */
  readonly home: string;
}
