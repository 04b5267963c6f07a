package org.attunet.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.attunet.bundle.Reader;
import org.attunet.bundle.ReaderCheck;
import org.attunet.error.ConfigException;

/** The output of {@code attunet info --for}: which programs run a bundle. */
final class OtherPrograms {
    private OtherPrograms() {}

    /** The programs of a list such as {@code jdll,qupath}; {@code all} names all. */
    static List<Reader> named(String list) {
        if (list.equals("all")) {
            return List.of(Reader.values());
        }
        return Arrays.stream(list.split(",", -1))
                .map(name -> Arrays.stream(Reader.values())
                        .filter(reader -> reader.key().equals(name.strip().toLowerCase(Locale.ROOT)))
                        .findFirst()
                        .orElseThrow(() -> new ConfigException(
                                "--for",
                                name,
                                "programs of "
                                        + String.join(
                                                ", ",
                                                Arrays.stream(Reader.values())
                                                        .map(Reader::key)
                                                        .toList()))))
                .distinct()
                .toList();
    }

    static ObjectNode facts(Path bundle, List<Reader> readers) {
        List<ReaderCheck.Finding> findings = ReaderCheck.of(bundle, readers);
        ObjectNode facts = JsonNodeFactory.instance.objectNode().put("file", bundle.toString());
        ObjectNode programs = facts.putObject("programs");
        for (Reader reader : readers) {
            ObjectNode one = programs.putObject(reader.key()).put("program", reader.title());
            List<ReaderCheck.Finding> own =
                    findings.stream().filter(f -> f.reader() == reader).toList();
            one.put("runs", own.stream().noneMatch(f -> f.weight() == ReaderCheck.Weight.REFUSED));
            one.put("right", own.stream().allMatch(f -> f.weight() == ReaderCheck.Weight.REMARK));
            for (ReaderCheck.Weight weight : ReaderCheck.Weight.values()) {
                own.stream()
                        .filter(f -> f.weight() == weight)
                        .forEach(f -> one.withArray(weight.name().toLowerCase(Locale.ROOT))
                                .add(f.text()));
            }
        }
        return facts;
    }

    static String text(ObjectNode facts) {
        List<String> lines = new ArrayList<>();
        facts.path("programs").forEach(program -> {
            String verdict = !program.path("runs").asBoolean()
                    ? "doesn't run it"
                    : program.path("right").asBoolean() ? "runs it" : "runs it, with wrong numbers";
            lines.add(program.path("program").asText() + ": " + verdict);
            for (String kind : List.of("refused", "wrong", "remark")) {
                for (JsonNode text : program.path(kind)) {
                    lines.add("  " + text.asText());
                }
            }
        });
        return String.join("\n", lines);
    }
}
