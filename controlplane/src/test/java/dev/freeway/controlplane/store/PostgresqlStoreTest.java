package dev.freeway.controlplane.store;

class PostgresqlStoreTest extends StoreContract {
  @Override
  StoreAddress address() {
    return Databases.postgresql();
  }
}
