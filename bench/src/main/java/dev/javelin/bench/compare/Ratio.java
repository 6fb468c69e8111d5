package dev.javelin.bench.compare;

import java.util.ArrayList;
import java.util.List;

/**
 * How many times the rate of another a subject reached, round by round: both figures of a ratio were taken within the
 * same minute.
 *
 * @param subject id of the one.
 * @param against id of the other.
 * @param rounds  a ratio for each round in which both runs count.
 * @param spread  of these; null if there are none.
 * @param bound   of the median: {@link #EXACT}, {@link #AT_LEAST}, {@link #AT_MOST} or {@link #UNKNOWN}.
 */
record Ratio(String subject, String against, List<InRound> rounds, Spread spread, String bound) {
    static final String EXACT = "exact";
    /** The generator was the limit for the one. */
    static final String AT_LEAST = "at least";
    /** The generator was the limit for the other. */
    static final String AT_MOST = "at most";
    /** The generator was the limit for both: the ratio says nothing about them. */
    static final String UNKNOWN = "unknown";

    /**
     * The ratio in one round.
     *
     * @param round from 1.
     * @param ratio rate of the one, divided by that of the other.
     * @param bound as of the whole.
     */
    record InRound(int round, double ratio, String bound) {
    }

    /**
     * Compares two subjects.
     *
     * @param subject id of the one.
     * @param against id of the other.
     * @param runs    runs, also those of others; at most one of each subject in a round.
     */
    static Ratio of(String subject, String against, List<Run> runs) {
        List<InRound> rounds = new ArrayList<>();
        for (Run one : runs) {
            for (Run other : runs) {
                if (one.subject().equals(subject) && other.subject().equals(against) && one.round() == other.round()
                    && Summary.counts(one) && Summary.counts(other) && other.rate() > 0) {
                    rounds.add(new InRound(one.round(), one.rate() / other.rate(), bound(one, other)));
                }
            }
        }
        double[] ratios = rounds.stream().mapToDouble(InRound::ratio).toArray();
        return new Ratio(subject, against, rounds, Spread.of(ratios),
            rounds.isEmpty() ? EXACT : ofMedian(rounds, ratios));
    }

    private static String bound(Run one, Run other) {
        boolean otherLimited = other.bottleneck() != null;
        return one.bottleneck() != null ? otherLimited ? UNKNOWN : AT_LEAST : otherLimited ? AT_MOST : EXACT;
    }

    /** A ratio that is at least so much, and that is above the middle already, could not move the median. */
    private static String ofMedian(List<InRound> rounds, double[] ratios) {
        boolean higher = false;
        boolean lower = false;
        double highest = Spread.upperMiddle(ratios);
        double lowest = Spread.lowerMiddle(ratios);
        for (InRound round : rounds) {
            higher |= round.bound.equals(UNKNOWN) || round.bound.equals(AT_LEAST) && round.ratio <= highest;
            lower |= round.bound.equals(UNKNOWN) || round.bound.equals(AT_MOST) && round.ratio >= lowest;
        }
        return higher ? lower ? UNKNOWN : AT_LEAST : lower ? AT_MOST : EXACT;
    }
}
