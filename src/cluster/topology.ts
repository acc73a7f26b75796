/** What the job can run on, as plain data: read from Node objects by the readers of this folder. */

/** How the GPUs inside one node are connected. `null` in a reading: labels do not say, the device's catalogue entry does. */
export type NodeInterconnect = 'nvlink' | 'xgmi' | 'pcie';

export type FabricKind = 'infiniband' | 'roce' | 'efa' | 'ethernet';

export interface Fabric {
  readonly kind: FabricKind;
  /** Bytes a second that all GPUs of a node together can send to other nodes; null where nothing says. */
  readonly bytesPerSecond: number | null;
}

/** A place in the network, for example the leaf switch `l3`. */
export interface Place {
  /** What kind of place, for people: `zone`, `spine`, `leaf`. */
  readonly level: string;
  /** Its name, unique only among the places inside the same wider place. */
  readonly name: string;
}

/** An extended resource and how many of it. */
export interface ResourceQuantity {
  readonly resource: string;
  readonly quantity: number;
}

/** RDMA devices of a node: how many of them no bound pod has requested, and how many there are. */
export interface RdmaDevices extends ResourceQuantity {
  readonly allocatable: number;
}

export interface GpuNode {
  readonly name: string;
  /** Product as the labels name it: `NVIDIA-H100-80GB-HBM3`, `AMD_Instinct_MI300X_OAM`. */
  readonly product: string;
  /** Memory of one GPU that the labels name; bytes. */
  readonly memoryBytes: number | null;
  /** Version of the GPUs' driver, where a label says. */
  readonly driver?: string;
  /** Extended resource that a pod asks for: `nvidia.com/gpu`. */
  readonly resource: string;
  readonly gpus: number;
  /** Of these, not requested by a bound pod or reserved by another job's plan. */
  readonly free: number;
  readonly interconnect: NodeInterconnect | null;
  /** NVLink domain that reaches beyond the node (GB200 NVL72), unique in the cluster, else null. */
  readonly nvlinkDomain: string | null;
  /** Place in the network, widest first. Only the whole path is unique. Empty where no label says. */
  readonly path: readonly Place[];
  readonly fabric: Fabric | null;
  /** What a pod must ask for to use the fabric. */
  readonly rdma: RdmaDevices | null;
}

/** Why a node cannot be used. */
export interface Exclusion {
  /** Few words without particulars, so that a thousand nodes with one cause can be told of in one line. */
  readonly cause: string;
  /** The whole reason, for people. */
  readonly reason: string;
}

/** A node that cannot be used, and why. */
export interface ExcludedNode extends Exclusion {
  readonly name: string;
}

/**
 * A level at which GPUs of an allocation are connected. A group of ranks inside an aligned block (of a size that divides
 * `gpus`) talks at this level or a nearer one; the last tier of an allocation spans all its ranks.
 */
export interface Tier {
  readonly kind: 'node' | 'nvlink-domain' | 'network';
  /** Every aligned block of this many consecutive ranks shares one place at this level. Divides that of the next tier. */
  readonly gpus: number;
  /** For people: `node`, `NVLink domain`, `leaf`, `spine`. */
  readonly name: string;
}

/** GPUs given to a job. Ranks count through `nodes` in order; all nodes give equally many of one device. */
export interface Allocation {
  readonly product: string;
  /** Of the node that has least; bytes. */
  readonly memoryBytes: number | null;
  /** Versions of the driver that labels of the nodes name, each once. */
  readonly drivers?: readonly string[];
  readonly resource: string;
  readonly interconnect: NodeInterconnect | null;
  readonly fabric: Fabric | null;
  /** RDMA resource and how many of it the pod on each node asks for. */
  readonly rdma: ResourceQuantity | null;
  readonly gpusPerNode: number;
  /** GPUs that a node has, whoever uses them; of the node that has most. */
  readonly nodeGpus: number;
  readonly nodes: readonly { readonly name: string; readonly gpus: number }[];
  /** Nearest first, at least the node. */
  readonly tiers: readonly Tier[];
}
