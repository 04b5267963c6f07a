package org.attunet.ranks;

import static org.attunet.error.ConfigException.check;

/**
 * The place of a rank in its group, and the address where the ranks meet.
 *
 * @param host name or address of the machine of the {@link Rendezvous}
 * @param port the server's, 1 to 65535
 * @param number of this rank, from 0
 * @param count of all ranks, 1 or more
 * @param own name or address of this rank's machine for the others
 * @param neighbours ranks on this one's machine, including it, which divide its cores
 * @param timeoutSeconds after which a rank is lost that does not join, gives no sign of life, or does not take part in a
 *     step
 */
public record RankConfig(String host, int port, int number, int count, String own, int neighbours, int timeoutSeconds) {
    /** The usual timeout: a process that ends is noticed at once, only a silent machine takes so long. */
    public static final int USUAL_TIMEOUT_SECONDS = 600;

    private static final int MOST_RANKS = 1024;

    /** Checks the ranges. */
    public RankConfig {
        check(host != null && !host.isBlank(), "host", String.valueOf(host), "a name or an address");
        check(own != null && !own.isBlank(), "own", String.valueOf(own), "a name or an address of this machine");
        check(port >= 1 && port <= 65535, "port", port, "a number from 1 to 65535");
        check(count >= 1 && count <= MOST_RANKS, "ranks", count, "a number from 1 to " + MOST_RANKS);
        check(number >= 0 && number < count, "rank", number, "a number from 0 to " + (count - 1));
        check(neighbours >= 1 && neighbours <= count, "neighbours", neighbours, "a number from 1 to " + count);
        check(timeoutSeconds >= 1 && timeoutSeconds <= 86_400, "timeout", timeoutSeconds, "seconds from 1 to 86400");
    }

    /** Ranks on one machine, with the usual timeout. */
    public static RankConfig local(int port, int number, int count) {
        return new RankConfig("127.0.0.1", port, number, count, "127.0.0.1", count, USUAL_TIMEOUT_SECONDS);
    }

    /** The rank in words, such as {@code rank 1 of 2}. */
    static String words(int number, int count) {
        return "rank " + number + " of " + count;
    }
}
