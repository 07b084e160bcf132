/** What the pod asks for that reads and writes volumes: quotas have room for it. */
export const TRANSFER_REQUEST = { memoryMib: 64, cpuMillis: 10 } as const;
