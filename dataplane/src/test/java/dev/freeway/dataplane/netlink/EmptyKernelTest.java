package dev.freeway.dataplane.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmptyKernelTest {
  @Test
  void itHasEveryFamilyHoldsNothingAndAcknowledgesWhatIsAsked() {
    try (NetlinkConnection connection = new NetlinkConnection(new EmptyKernel(), 3)) {
      GenericFamily family = GenericFamily.find(connection, "IPVS");
      assertThat(family.name()).isEqualTo("IPVS");
      assertThat(
              connection.<Integer>dump(
                  "dump",
                  out -> {
                    out.beginGeneric(family.id(), Netlink.NLM_F_REQUEST | Netlink.NLM_F_DUMP, 1, 1);
                    out.end();
                  },
                  (type, payload, into) -> into.add(type)))
          .isEmpty();
      List<String> answers = new ArrayList<>();
      connection.batch(
          "change",
          List.of(1, 2, 3, 4, 5),
          (number, out) -> {
            out.beginGeneric(family.id(), Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK, number, 1);
            out.end();
          },
          (index, errno, message) -> answers.add(index + ":" + errno));
      assertThat(answers).containsExactlyInAnyOrder("0:0", "1:0", "2:0", "3:0", "4:0");
    }
  }
}
