package dev.freeway.controlplane.query;

import dev.freeway.controlplane.store.Databases;
import dev.freeway.controlplane.store.StoreAddress;

class PostgresqlQueryTest extends QueryContract {
  @Override
  StoreAddress address() {
    return Databases.postgresql();
  }

  @Override
  boolean sqlite() {
    return false;
  }
}
