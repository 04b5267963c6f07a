package org.attunet.server;

import java.nio.file.Path;
import java.time.Duration;
import org.attunet.dicom.web.DicomWeb;
import org.attunet.error.ConfigException;
import org.attunet.server.http.AccessControl;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a server.
 *
 * @param host the address to listen on
 * @param port 0 for any free port
 * @param work the folder for uploads, jobs and their results
 * @param data the data store of MONAI Label's API, in the layout of the Medical Segmentation Decathlon; null for a folder in
 *     {@code work}
 * @param pacs the server of DICOMweb whose series are that data store instead; null for none
 * @param access key, origins and host names
 * @param tls null for plain HTTP
 * @param limits of size, time and number
 */
public record ServerConfig(
        String host,
        int port,
        Path work,
        @Nullable Path data,
        @Nullable DicomWeb pacs,
        AccessControl access,
        @Nullable Tls tls,
        Limits limits) {
    /** Checks the port and the folders. */
    public ServerConfig {
        require("port", port, 0, 65535);
        if (data != null
                && data.toAbsolutePath()
                        .normalize()
                        .equals(work.toAbsolutePath().normalize())) {
            throw new ConfigException("data", data, "another folder than the server's own (--work)");
        }
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
     * The limits of a server.
     *
     * @param workers segmentations at the same time
     * @param waiting requests that may wait in addition; more are answered 429
     * @param jobs jobs that may wait
     * @param bodyBytes the largest request
     * @param mostVoxels the largest image
     * @param waitingVoxels the largest request that is answered with masks; larger ones become jobs
     * @param timeout how long a client waits at most for a response
     * @param keep how long results of jobs are kept
     * @param grace how long a stop waits for requests and jobs in progress
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
        /** The process is ended when a stop has taken this long, whatever is in progress. */
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
    }

    private static void require(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new ConfigException(name, value, "a number from " + least + " to " + most);
        }
    }
}
