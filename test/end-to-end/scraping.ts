/** What Prometheus is told, as an administrator would: scrape the operator, and the pods of all jobs. */
export interface Scraping {
  /** `HOST:PORT` of the operator's metrics. */
  readonly operator: string;
  /** By which Prometheus finds the pods. */
  readonly kubeconfig: string;
}

/** A configuration of Prometheus. Pods serve figures at the port that the operator names `metrics`. */
export function scraping({ operator, kubeconfig }: Scraping): object {
  return {
    global: { scrape_interval: '1s' },
    scrape_configs: [
      // `job` and `namespace` are those of TrainingJobs, not of the scrape.
      { job_name: 'uniap-operator', honor_labels: true, static_configs: [{ targets: [operator] }] },
      {
        job_name: 'uniap-pods',
        honor_labels: true,
        kubernetes_sd_configs: [
          { role: 'pod', kubeconfig_file: kubeconfig, selectors: [{ role: 'pod', label: 'uniap.dev/job' }] },
        ],
        relabel_configs: [
          { source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: 'metrics', action: 'keep' },
          { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
        ],
      },
    ],
  };
}
