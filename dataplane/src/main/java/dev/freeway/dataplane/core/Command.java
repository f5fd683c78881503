package dev.freeway.dataplane.core;

/** One change to the kernel's IPVS table. */
public sealed interface Command {
  /** The service that the command touches. */
  ServiceKey service();

  /** {@code IPVS_CMD_NEW_SERVICE}: answered EEXIST when present. */
  record AddService(VirtualService value) implements Command {
    @Override
    public ServiceKey service() {
      return value.key();
    }
  }

  /** {@code IPVS_CMD_SET_SERVICE}: answered ESRCH when absent. */
  record SetService(VirtualService value) implements Command {
    @Override
    public ServiceKey service() {
      return value.key();
    }
  }

  /** {@code IPVS_CMD_DEL_SERVICE}, its destinations included: answered ESRCH when absent. */
  record DeleteService(ServiceKey service) implements Command {}

  /** {@code IPVS_CMD_NEW_DEST}: answered EEXIST when present, ESRCH without its service. */
  record AddDestination(ServiceKey service, Destination value) implements Command {}

  /** {@code IPVS_CMD_SET_DEST}: answered ENOENT when absent. */
  record SetDestination(ServiceKey service, Destination value) implements Command {}

  /** {@code IPVS_CMD_DEL_DEST}: connections stay in the kernel's trash; ENOENT when absent. */
  record DeleteDestination(ServiceKey service, DestinationKey destination) implements Command {}
}
