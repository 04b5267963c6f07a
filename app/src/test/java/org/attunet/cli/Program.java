package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ExitCode;

/** What one run of the program gave: exit code, standard output, standard error. */
record Program(int code, String out, String err) {
    /** Runs a command within this process. */
    static Program run(Object... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        String[] words = new String[args.length];
        for (int k = 0; k < args.length; k++) {
            words[k] = args[k].toString();
        }
        int code = Main.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                words);
        return new Program(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Asserts that the work failed with one sentence that holds these words where they belong. */
    void refused(Path subject, String found, String expected, String remedy) {
        assertThat(code).as(err).isEqualTo(ExitCode.SOFTWARE);
        Pattern sentence =
                Pattern.compile("attunet: " + Pattern.quote(subject + ": ") + "(.+); expected (.+)\\. Remedy: (.+)\\.");
        List<Matcher> told =
                err.lines().map(sentence::matcher).filter(Matcher::matches).toList();
        assertThat(told).as(err).hasSize(1);
        assertThat(told.get(0).group(1)).contains(found);
        assertThat(told.get(0).group(2)).contains(expected);
        assertThat(told.get(0).group(3)).contains(remedy);
        assertThat(err).doesNotContain("internal error", "\tat ", "Exception");
    }

    /** Standard output as one JSON document. */
    JsonNode json() {
        try {
            return new ObjectMapper().readTree(out);
        } catch (IOException e) {
            throw new UncheckedIOException("not JSON: " + out, e);
        }
    }
}
