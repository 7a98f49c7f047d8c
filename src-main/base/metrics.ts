// A page of metrics in Prometheus text, rendered by prom-client: values are set when the page is asked for, nothing is kept between.
import { Counter, Gauge, Registry } from 'prom-client';

export interface MetricPage {
  /** A value that goes up and down. */
  gauge(name: string, help: string, value: number, labels?: Readonly<Record<string, string>>): void;
  /** A value that only grows over the life of what it counts. */
  counter(name: string, help: string, value: number, labels?: Readonly<Record<string, string>>): void;
  /** The text, in Prometheus' exposition format 0.0.4. */
  render(): Promise<string>;
}

export function openMetricPage(): MetricPage {
  const registry = new Registry();
  const gauges = new Map<string, Gauge>();
  const counters = new Map<string, Counter>();
  return {
    gauge: (name, help, value, labels = {}) => {
      const gauge =
        gauges.get(name) ?? new Gauge({ name, help, labelNames: Object.keys(labels), registers: [registry] });
      gauges.set(name, gauge);
      gauge.set(labels, value);
    },
    counter: (name, help, value, labels = {}) => {
      const counter =
        counters.get(name) ?? new Counter({ name, help, labelNames: Object.keys(labels), registers: [registry] });
      counters.set(name, counter);
      counter.inc(labels, value);
    },
    render: () => registry.metrics(),
  };
}
