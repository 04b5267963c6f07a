package org.attunet.dicom.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleConsumer;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * A server of DICOMweb (PS3.18): its series are found (QIDO-RS), fetched (WADO-RS), and files are stored in it (STOW-RS).
 *
 * <p>Requests are repeated while the server is busy or the connection fails. Failures name the server; no patient, study or
 * series. Certificates are checked by Java's trust store. Interrupting the thread ends a call with {@link
 * java.util.concurrent.CancellationException}. Thread-safe.
 */
public final class DicomWeb {
    private static final String JSON = "application/dicom+json, application/json;q=0.9";
    private static final int PAGE = 500;

    private final WebAddress address;
    private final WebClient client;
    private final WebLimits limits;

    DicomWeb(WebAddress address, Credentials credentials, WebLimits limits, WebClient.Patience patience) {
        this.address = address;
        this.limits = limits;
        client = new WebClient(address, credentials, patience);
    }

    /**
     * Makes a client; nothing is sent yet.
     *
     * @param address of the server, or of anything on it
     * @throws AttunetException if credentials would be sent to another machine unencrypted
     */
    public static DicomWeb at(WebAddress address, Credentials credentials, WebLimits limits) {
        return new DicomWeb(
                new WebAddress(address.root(), null, null), credentials, limits, WebClient.Patience.of(limits));
    }

    /** {@return the server's address} */
    public WebAddress address() {
        return address;
    }

    /**
     * Finds series (PS3.18, 10.6).
     *
     * @param study null for series of all studies
     * @param filters values that attributes must have by their keywords, such as {@code Modality} and {@code CT}
     * @param most series
     * @throws AttunetException if the server can't be asked
     */
    public List<FoundSeries> findSeries(@Nullable String study, Map<String, String> filters, int most) {
        Map<String, FoundSeries> found = new LinkedHashMap<>();
        int before = -1;
        while (found.size() < most && found.size() > before) { // a server may ignore the offset and repeat itself
            before = found.size();
            int asked = Math.min(PAGE, most - before);
            List<FoundSeries> page = page(study, filters, asked, before);
            page.forEach(series -> found.putIfAbsent(series.uid(), series));
            if (page.size() < asked) {
                break;
            }
        }
        return found.values().stream().limit(most).toList();
    }

    private List<FoundSeries> page(@Nullable String study, Map<String, String> filters, int limit, int offset) {
        var path = new StringBuilder(new WebAddress(address.root(), study, null).path() + "/series?limit=" + limit);
        path.append("&offset=").append(offset).append("&includefield=0008103E,00201209");
        filters.forEach(
                (key, value) -> path.append('&').append(query(key)).append('=').append(query(value)));
        return client.send(WebClient.Request.get(path.toString(), JSON), response -> {
            if (response.status() == 204) {
                return List.of();
            }
            if (response.status() != 200) {
                throw response.refusal();
            }
            JsonNode all = response.json();
            if (!all.isArray()) {
                throw response.unlike("a list in application/dicom+json");
            }
            List<FoundSeries> series = new ArrayList<>();
            all.forEach(one -> FoundSeries.of(one, study).ifPresent(series::add));
            return series;
        });
    }

    /**
     * {@return the identifiers of the series that a result, such as a segmentation, is of (PS3.3, C.7.5.4)}
     *
     * @param study the result's study
     * @param series the result's series
     * @throws AttunetException if the server can't be asked
     */
    public Set<String> referencedSeries(String study, String series) {
        String path = address.of(study, series).path() + "/metadata";
        return client.send(WebClient.Request.get(path, JSON), response -> {
            if (response.status() != 200) {
                throw response.refusal();
            }
            Set<String> referenced = new LinkedHashSet<>();
            for (JsonNode instance : response.json()) {
                for (JsonNode one : instance.path("00081115").path("Value")) {
                    referenced.add(FoundSeries.text(one, "0020000E"));
                }
            }
            return referenced;
        });
    }

    private static String query(String text) {
        return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
    }

    /**
     * Fetches all files of a series (PS3.18, 10.4), in whatever transfer syntax the server has them.
     *
     * @param series its address, with study and series
     * @param folder an existing one, where the files are put, under numbers; if it fails, none is left
     * @param progress receives the share that has come, if the server says how many files there are, on the calling thread
     * @return the files
     * @throws AttunetException if they don't all come, or are of another series
     */
    public List<Path> download(WebAddress series, Path folder, DoubleConsumer progress) {
        if (series.study() == null || series.series() == null) {
            throw new AttunetException(
                    series.toString(),
                    "it names no series",
                    ".../studies/UID/series/UID",
                    "choose a series of the study: attunet info ADDRESS lists them");
        }
        return new SeriesDownload(client, series, limits, instances(series.study(), series.series()))
                .to(folder, progress);
    }

    /** How many files the server says the series has; 0 if it doesn't. */
    private int instances(String study, String series) {
        try {
            return findSeries(study, Map.of("SeriesInstanceUID", series), PAGE).stream()
                    .filter(found -> found.uid().equals(series))
                    .mapToInt(FoundSeries::instances)
                    .findFirst()
                    .orElse(0);
        } catch (AttunetException e) {
            return 0; // not all servers can be searched; if this one is away, the download fails as well
        }
    }

    /**
     * Stores files (PS3.18, 10.5); those that the server has already are stored again.
     *
     * @param progress receives the share that is sent, on any thread
     * @return what the server remarks on files that it has stored; often nothing
     * @throws AttunetException if it refuses one
     */
    public List<String> store(List<Path> files, DoubleConsumer progress) {
        return new FileUpload(client, address).send(files, progress);
    }
}
