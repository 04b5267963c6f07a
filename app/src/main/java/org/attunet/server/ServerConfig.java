package org.attunet.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.attunet.error.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * How a server listens, what it keeps where, and how much it takes in.
 *
 * @param host the address that it listens on
 * @param port 0 for any that is free
 * @param work the folder for uploads, jobs and their results
 * @param data an MSD-style data set whose images are the data store, to which labels are saved; null for one in {@code work}
 * @param key what clients must send; null for none
 * @param tls null for plain HTTP
 * @param origins web origins whose pages may use the server
 * @param hosts names that it answers under; empty for any
 * @param limits how much it takes in
 */
public record ServerConfig(
        String host,
        int port,
        Path work,
        @Nullable Path data,
        @Nullable String key,
        @Nullable Tls tls,
        List<String> origins,
        List<String> hosts,
        Limits limits) {
    /** Copies the lists and checks the port. */
    public ServerConfig {
        origins = List.copyOf(origins);
        hosts = List.copyOf(hosts);
        if (port < 0 || port > 65535) {
            throw new ConfigException("port", port, "a number from 0 to 65535");
        }
        if (data != null
                && data.toAbsolutePath()
                        .normalize()
                        .equals(work.toAbsolutePath().normalize())) {
            throw new ConfigException("data", data, "another folder than the server's own (--work)");
        }
    }

    @Override
    public String toString() {
        return "ServerConfig[" + host + ":" + port + ", key " + (key == null ? "none" : "set") + ", " + limits + "]";
    }

    /** A server for this machine alone, on any free port. */
    public static ServerConfig local(Path work) {
        return new ServerConfig(
                "127.0.0.1",
                0,
                work,
                null,
                null,
                null,
                List.of(),
                List.of("127.0.0.1", "localhost", "[::1]"),
                Limits.defaults());
    }

    /** A copy with other limits. */
    public ServerConfig withLimits(Limits other) {
        return new ServerConfig(host, port, work, data, key, tls, origins, hosts, other);
    }

    /** A copy with a key. */
    public ServerConfig withKey(@Nullable String other) {
        return new ServerConfig(host, port, work, data, other, tls, origins, hosts, limits);
    }

    /** A copy with another data store. */
    public ServerConfig withData(@Nullable Path other) {
        return new ServerConfig(host, port, work, other, key, tls, origins, hosts, limits);
    }

    /** A copy with TLS. */
    public ServerConfig withTls(@Nullable Tls other) {
        return new ServerConfig(host, port, work, data, key, other, origins, hosts, limits);
    }

    /** A copy with other origins. */
    public ServerConfig withOrigins(List<String> other) {
        return new ServerConfig(host, port, work, data, key, tls, other, hosts, limits);
    }

    /** A copy on another address. */
    public ServerConfig withAddress(String otherHost, int otherPort) {
        return new ServerConfig(otherHost, otherPort, work, data, key, tls, origins, hosts, limits);
    }

    /** A copy that answers under other names. */
    public ServerConfig withHosts(List<String> other) {
        return new ServerConfig(host, port, work, data, key, tls, origins, other, limits);
    }

    /**
     * The certificate of HTTPS.
     *
     * @param keyStore PKCS #12 or JKS
     * @param password of the store and of its key
     */
    public record Tls(Path keyStore, String password) {
        @Override
        public String toString() {
            return "Tls[" + keyStore + "]";
        }
    }

    /**
     * How much is taken in.
     *
     * @param workers segmentations at the same time
     * @param waiting requests that may wait beside them; more are answered 429
     * @param jobs jobs that may wait
     * @param bodyBytes of a request
     * @param mostVoxels of an image
     * @param waitingVoxels of a request that is answered with masks; larger ones become jobs
     * @param timeout how long a client waits at most for an answer
     * @param keep how long results of jobs stay
     * @param grace how long a stop waits for requests and jobs under way
     */
    public record Limits(
            int workers,
            int waiting,
            int jobs,
            long bodyBytes,
            long mostVoxels,
            long waitingVoxels,
            Duration timeout,
            Duration keep,
            Duration grace) {
        /** The process is let go when a stop has taken this long, whatever is under way. */
        private static final Duration LONGEST_GRACE = Duration.ofMinutes(4);

        /** Checks the ranges. */
        public Limits {
            require("workers", workers, 1, 1024);
            require("queue", waiting, 0, 100_000);
            require("jobs", jobs, 1, 1_000_000);
            require("body", bodyBytes, 1024, Long.MAX_VALUE);
            require("max voxels", mostVoxels, 1, Integer.MAX_VALUE);
            require("waiting voxels", waitingVoxels, 0, Integer.MAX_VALUE);
            require("timeout", timeout.toMillis(), 1, Duration.ofDays(1).toMillis());
            require("keep", keep.toMillis(), 1, Duration.ofDays(3650).toMillis());
            require("grace", grace.toMillis(), 0, LONGEST_GRACE.toMillis());
        }

        private static void require(String name, long value, long least, long most) {
            if (value < least || value > most) {
                throw new ConfigException(name, value, "a number from " + least + " to " + most);
            }
        }

        /** Two segmentations at a time, 64 requests waiting, bodies of 1 GiB, results kept for a day. */
        public static Limits defaults() {
            return new Limits(
                    2,
                    64,
                    1000,
                    1L << 30,
                    1L << 28,
                    16L << 20,
                    Duration.ofMinutes(2),
                    Duration.ofHours(24),
                    Duration.ofMinutes(2));
        }

        /** A copy with another number of workers and places before them. */
        public Limits withWorkers(int otherWorkers, int otherWaiting) {
            return new Limits(
                    otherWorkers, otherWaiting, jobs, bodyBytes, mostVoxels, waitingVoxels, timeout, keep, grace);
        }

        /** A copy with another time that clients wait. */
        public Limits withTimeout(Duration other) {
            return new Limits(workers, waiting, jobs, bodyBytes, mostVoxels, waitingVoxels, other, keep, grace);
        }

        /** A copy with other bounds of a request. */
        public Limits withSizes(long otherBody, long otherMost, long otherWaiting) {
            return new Limits(workers, waiting, jobs, otherBody, otherMost, otherWaiting, timeout, keep, grace);
        }

        /** A copy with other bounds of jobs. */
        public Limits withJobs(int other, Duration otherKeep) {
            return new Limits(workers, waiting, other, bodyBytes, mostVoxels, waitingVoxels, timeout, otherKeep, grace);
        }

        /** A copy with another time to end in. */
        public Limits withGrace(Duration other) {
            return new Limits(workers, waiting, jobs, bodyBytes, mostVoxels, waitingVoxels, timeout, keep, other);
        }
    }
}
