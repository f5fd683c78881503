package dev.freeway.controlplane.ask;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** "Or", and the words that mean nothing here. A closed list: whatever else is left is an error. */
final class WordRule implements Rule {
  private static final Set<String> NOTHING =
      new HashSet<>(
          List.of(
              ("a an the all any every each my our your me us we i you it its their them they these those this that which who whose what "
                      + "is are was were be been being am do does did has have had having there here exist exists existing "
                      + "show list get give find display print see tell fetch return want need like know can could would should please will "
                      + "of in on at to for from with by as and also then so where when how "
                      + "aws amazon account's current currently now still just only actually really exactly together both "
                      + "set configured configuration turned switched kind kinds sort sorts out up about using use uses used run runs "
                      + "belonging belong belongs located living live inside within attached assigned associated connected linked related "
                      + "contain contains containing hosted present via through into onto over under behind "
                      + ", ( ) = resources' look looking search searching query value values equal equals "
                      + "number count many details detail information info name names "
                      + "hi hello hey thanks thank kindly may might shall let lets check me got ones one whether if "
                      + "overview report pull retrieve identify enumerate wondering or")
                  .split(" ", -1)));

  /** Whether a word alone means nothing. */
  static boolean isNothing(String lower) {
    return NOTHING.contains(lower);
  }

  @Override
  public boolean read(Reading reading) {
    if (reading.is("or", "nor")) {
      reading.conditions.or();
      reading.skip(1);
      return true;
    }
    boolean filling =
        reading.is("enabled", "on") && reading.at() > 0 && !reading.conditions.isEmpty();
    if (!filling && !NOTHING.contains(reading.question.lower(reading.at()))) {
      return false;
    }
    reading.skip(1);
    return true;
  }
}
