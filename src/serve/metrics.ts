import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The server's counters, in the Prometheus text format. */
export interface Metrics {
  /** Counts a request; `route` comes from a small set, so no client can make the list grow. */
  observe(request: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly bytes: number;
    readonly seconds: number;
  }): void;
  countVerified(): void;
  countDamaged(): void;
  /** Returns the page and its media type. */
  page(): Promise<{ readonly type: string; readonly text: string }>;
}

/** Seconds: a manifest takes a few milliseconds, a large layer over a slow line takes minutes. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 60, 300];

/** Starts counting; `connections` returns the number of open connections. */
export function createMetrics(connections: () => number): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'saddlebag_http_requests_total',
    help: 'Requests answered',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const bytes = new Counter({
    name: 'saddlebag_http_sent_bytes_total',
    help: 'Bytes sent, headers included',
    labelNames: ['route'],
    registers,
  });
  const seconds = new Histogram({
    name: 'saddlebag_http_request_duration_seconds',
    help: 'From the first byte of a request to the last one of its answer',
    labelNames: ['route'],
    buckets: BUCKETS,
    registers,
  });
  const verified = new Counter({
    name: 'saddlebag_blobs_verified_total',
    help: 'Blobs read whole and found intact',
    registers,
  });
  const damaged = new Counter({
    name: 'saddlebag_blobs_damaged_total',
    help: 'Blobs read whole and found damaged',
    registers,
  });
  void new Gauge({
    name: 'saddlebag_http_connections',
    help: 'Connections open now',
    registers,
    collect() {
      this.set(connections());
    },
  });
  return {
    observe: (request) => {
      const { method, route, status } = request;
      requests.inc({ method, route, status: String(status) });
      bytes.inc({ route }, request.bytes);
      seconds.observe({ route }, request.seconds);
    },
    countVerified: () => verified.inc(),
    countDamaged: () => damaged.inc(),
    page: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}
