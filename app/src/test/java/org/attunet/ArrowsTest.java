package org.attunet;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The arrows of docs/ARCHITECTURE.md: which package may know which. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArrowsTest {
    /** Package to the packages of ours that it may use besides itself and {@code error}, as they are drawn. */
    private static final Map<String, List<String>> ARROWS = arrows("""
            error:
            image:
            picture: image
            io: image picture
            preprocess: image
            network:
            bundle: image io objects preprocess network
            objects: image
            annotation: image io objects
            metrics: image objects
            dicom.data: io
            dicom.pixel: dicom.data
            dicom.series: dicom.data dicom.pixel image io
            dicom.result: dicom.data dicom.pixel dicom.series image io picture
            dicom.format: dicom.data dicom.series dicom.result image io
            dicom.anonymise: dicom.data io
            dicom.web: dicom.data io
            predict: image picture io objects annotation preprocess network bundle
            tensor: io
            ranks: tensor
            torch: tensor ranks network
            weights: tensor torch network io
            loss: image tensor ranks
            dataset: image io objects annotation preprocess
            patches: image io preprocess tensor dataset
            plan: image io preprocess network bundle tensor loss dataset patches
            phantom: image io
            report: image picture io metrics
            train: image io objects annotation preprocess network bundle metrics predict tensor ranks torch weights loss dataset patches plan report
            compare: image io network bundle metrics weights dataset plan report
            export: image io preprocess network bundle metrics predict tensor torch weights dataset patches plan report train
            benchmark: image preprocess network bundle predict tensor ranks torch loss plan train export
            console: io bundle
            server: dicom.web image io objects annotation preprocess network bundle metrics predict phantom
            cli: console server dicom.data dicom.series dicom.result dicom.anonymise dicom.web image io preprocess network bundle metrics predict tensor ranks torch weights loss dataset patches plan phantom report train compare export benchmark
            """);

    private final JavaClasses ours = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.attunet");

    @Test
    void every_package_has_its_arrows_written_down() {
        classes()
                .should()
                .resideInAnyPackage(
                        ARROWS.keySet().stream().map(ArrowsTest::named).toArray(String[]::new))
                .check(ours);
    }

    @Test
    void packages_know_only_the_packages_that_their_arrows_point_to() {
        ARROWS.forEach((from, to) -> {
            List<String> allowed = new ArrayList<>(List.of(named(from), named("error")));
            to.forEach(name -> allowed.add(named(name)));
            noClasses()
                    .that()
                    .resideInAPackage(named(from))
                    .should()
                    .dependOnClassesThat(resideInAPackage("org.attunet..")
                            .and(not(resideInAnyPackage(allowed.toArray(String[]::new)))))
                    .because(from + " may use " + to)
                    .allowEmptyShould(true)
                    .check(ours);
        });
    }

    @Test
    void packages_form_no_cycle() {
        slices().matching("org.attunet.(*)..").should().beFreeOfCycles().check(ours);
    }

    @Test
    void libtorch_is_known_to_the_training_packages_only() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        named("tensor"),
                        named("ranks"),
                        named("torch"),
                        named("weights"),
                        named("loss"),
                        named("patches"),
                        named("train"),
                        named("export"),
                        named("benchmark"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .check(ours);
    }

    @Test
    void voxels_meet_tensors_in_patches_and_train_only() {
        var tensors = resideInAnyPackage("org.bytedeco..", named("tensor"));
        for (String name : List.of("tensor", "ranks", "torch", "weights", "loss")) {
            noClasses()
                    .that()
                    .resideInAPackage(named(name))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(named("image"), named("preprocess"))
                    .because("only patches and train may know both voxels and tensors")
                    .allowEmptyShould(true)
                    .check(ours);
        }
        noClasses()
                .that()
                .resideInAnyPackage(
                        named("image"), named("io"), named("preprocess"), named("metrics"), named("predict"))
                .should()
                .dependOnClassesThat(tensors)
                .allowEmptyShould(true)
                .check(ours);
    }

    @Test
    void the_command_line_library_is_known_to_command_lines_only() {
        noClasses()
                .that()
                .resideOutsideOfPackages(named("console"), named("cli"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "me.tongfei..")
                .check(ours);
    }

    private static Map<String, List<String>> arrows(String lines) {
        Map<String, List<String>> arrows = new LinkedHashMap<>();
        lines.lines().forEach(line -> {
            String[] sides = line.split(":", 2);
            String to = sides[1].strip();
            arrows.put(sides[0], to.isEmpty() ? List.of() : List.of(to.split(" ")));
        });
        return arrows;
    }

    private static String named(String name) {
        return "org.attunet." + name + "..";
    }
}
