package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.attunet.console.ProgressDisplay;
import org.attunet.dicom.anonymise.Anonymiser;
import org.attunet.dicom.anonymise.FolderAnonymiser;
import org.attunet.dicom.anonymise.KeyFile;
import org.attunet.dicom.anonymise.Retention;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code attunet anonymise}: de-identifies DICOM files. */
@Command(
        name = "anonymise",
        description = {
            "De-identify DICOM files by the basic profile of PS3.15.",
            "Names, identifiers, dates, descriptions and private elements are taken out, unique identifiers replaced, and"
                    + " files named by number in folders by patient, study and series. Pixels stay as they are: faces in"
                    + " head scans aren't removed, and images that may show a name are refused."
        },
        footer = {
            "",
            "Examples:",
            "  attunet anonymise study/ -o shared/",
            "  attunet anonymise study/ -o shared/ --shift-dates --key project.key --mapping patients.tsv"
        })
final class AnonymiseCommand extends AttunetCommand {
    @Parameters(
            index = "0",
            paramLabel = "IN",
            description = "A folder, which is searched with the folders in it, a DICOMDIR, a zip archive or a file.")
    private Path source;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "OUT",
            description = "The folder to write, which must be new or empty.")
    private Path output;

    @Option(
            names = "--shift-dates",
            description = "Keep dates, shifted by a number of days that is the same for all of a patient's, and times,"
                    + " instead of removing them.")
    private boolean shiftDates;

    @Option(
            names = "--keep-descriptors",
            description =
                    "Keep descriptions, comments and the names of structures, without the names, identifiers and dates"
                            + " that the files give elsewhere. Check them: what else they say stays.")
    private boolean keepDescriptors;

    @Option(
            names = "--keep-characteristics",
            description = "Keep the patient's sex, age (at most 90), size and weight.")
    private boolean keepCharacteristics;

    @Option(
            names = "--allow-burned-in",
            description = "Take images that may show a name, such as ultrasound and secondary captures, as they are.")
    private boolean allowBurnedIn;

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "A secret key, made if the file doesn't exist: the same key gives the same new identifiers in"
                    + " later runs (default: one for this run, which is forgotten).")
    private @Nullable Path key;

    @Option(
            names = "--mapping",
            paramLabel = "FILE",
            description = "Write which patient became which to this new file, which only its owner may read.")
    private @Nullable Path mapping;

    @Override
    public Integer call() {
        for (Path secret : new Path[] {key, mapping}) {
            if (secret != null) {
                FolderAnonymiser.requirePrivate(secret, output);
            }
        }
        if (mapping != null) {
            FolderAnonymiser.requireAbsent(mapping);
        }
        Retention retention = new Retention(shiftDates, keepDescriptors, keepCharacteristics);
        Anonymiser anonymiser =
                key == null ? new Anonymiser(retention) : new Anonymiser(retention, KeyFile.readOrCreate(key));
        FolderAnonymiser folder = new FolderAnonymiser(anonymiser, allowBurnedIn);
        FolderAnonymiser.Outcome outcome;
        try (ProgressDisplay progress = ProgressDisplay.share(console(), "De-identifying")) {
            outcome = folder.run(source, output, progress::reached);
        }
        if (mapping != null) {
            folder.writePatients(mapping);
        }
        console().notes(outcome.notes());
        console().warnings(outcome.warnings());
        result(
                () -> json(outcome),
                () -> output + ": " + Wording.counted(outcome.files(), "file") + " of "
                        + Wording.counted(outcome.patients(), "patient"));
        return console().problems(outcome.problems());
    }

    private ObjectNode json(FolderAnonymiser.Outcome outcome) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("output", output.toString())
                .put("files", outcome.files())
                .put("patients", outcome.patients());
        outcome.notes().forEach(json.putArray("notes")::add);
        outcome.warnings().forEach(json.putArray("warnings")::add);
        outcome.problems().forEach(json.putArray("problems")::add);
        return json;
    }
}
