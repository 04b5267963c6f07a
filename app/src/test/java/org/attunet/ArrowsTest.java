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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The arrows of docs/ARCHITECTURE.md: which package may know which. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArrowsTest {
    /** Package to the packages of ours that it may use besides itself and {@code error}. */
    private static final Map<String, List<String>> ARROWS = Map.ofEntries(
            Map.entry("error", List.of()),
            Map.entry("image", List.of()),
            Map.entry("io", List.of("image")),
            Map.entry("phantom", List.of("image", "io")),
            Map.entry("preprocess", List.of("image")),
            Map.entry("metrics", List.of("image")),
            Map.entry("bundle", List.of("image", "io", "preprocess")),
            Map.entry("predict", List.of("image", "io", "preprocess", "bundle")),
            Map.entry("report", List.of("image", "io", "metrics")),
            Map.entry("tensor", List.of()),
            Map.entry("ranks", List.of("tensor")),
            Map.entry("network", List.of("tensor", "bundle", "ranks")),
            Map.entry("weights", List.of("network", "tensor", "bundle", "io")),
            Map.entry("data", List.of("image", "io", "preprocess", "tensor")),
            Map.entry("loss", List.of("tensor", "ranks")),
            Map.entry(
                    "train",
                    List.of(
                            "image",
                            "io",
                            "preprocess",
                            "metrics",
                            "bundle",
                            "predict",
                            "report",
                            "phantom",
                            "tensor",
                            "ranks",
                            "network",
                            "weights",
                            "data",
                            "loss")),
            Map.entry(
                    "export",
                    List.of(
                            "image",
                            "io",
                            "preprocess",
                            "metrics",
                            "bundle",
                            "predict",
                            "report",
                            "tensor",
                            "network",
                            "weights",
                            "data",
                            "train")),
            Map.entry("console", List.of("bundle")),
            Map.entry("server", List.of("image", "io", "preprocess", "metrics", "bundle", "predict", "phantom")),
            Map.entry(
                    "cli",
                    List.of(
                            "console",
                            "server",
                            "image",
                            "io",
                            "preprocess",
                            "metrics",
                            "bundle",
                            "predict",
                            "report",
                            "phantom",
                            "tensor",
                            "ranks",
                            "network",
                            "weights",
                            "data",
                            "loss",
                            "train",
                            "export")));

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
                        named("network"),
                        named("weights"),
                        named("data"),
                        named("loss"),
                        named("train"),
                        named("export"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .check(ours);
    }

    @Test
    void voxels_meet_tensors_in_data_and_train_only() {
        var tensors = resideInAnyPackage("org.bytedeco..", named("tensor"));
        for (String name : List.of("tensor", "ranks", "network", "weights", "loss")) {
            noClasses()
                    .that()
                    .resideInAPackage(named(name))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(named("image"), named("preprocess"))
                    .because("only data and train may know both voxels and tensors")
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

    private static String named(String name) {
        return "org.attunet." + name + "..";
    }
}
