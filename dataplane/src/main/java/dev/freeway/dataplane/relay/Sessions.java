package dev.freeway.dataplane.relay;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The connections of all services; each is touched on its own event loop only. */
final class Sessions {
  private final Set<Session> all = ConcurrentHashMap.newKeySet();

  void join(Session session) {
    all.add(session);
    session.begin(() -> all.remove(session));
  }

  /** Ends those that have been silent for too long. */
  void expire(long now) {
    for (Session session : all) {
      session.client().eventLoop().execute(() -> session.expire(now));
    }
  }

  /** Ends those of a member that is no more. */
  void end(Member member) {
    for (Session session : all) {
      if (session.member() == member) {
        session.client().eventLoop().execute(session::reset);
      }
    }
  }
}
