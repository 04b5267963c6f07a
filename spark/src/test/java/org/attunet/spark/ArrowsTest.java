package org.attunet.spark;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Which package may know the module for Spark, and which ones that knows. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArrowsTest {
    private static final String OURS = "org.attunet.spark..";
    private static final String COMMANDS = "org.attunet.spark"; // the package itself, without its parts

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.attunet");

    @Test
    void spark_is_known_to_this_module_only() {
        noClasses()
                .that()
                .resideOutsideOfPackage(OURS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(OURS, "org.apache.spark..", "org.apache.hadoop..", "scala..")
                .check(classes);
    }

    @Test
    void this_module_knows_neither_the_program_nor_the_server_and_of_libtorch_nothing() {
        noClasses()
                .that()
                .resideInAPackage(OURS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.attunet.cli..", "org.attunet.server..", "org.bytedeco..")
                .check(classes);
    }

    @Test
    void batch_segmentation_uses_core_alone() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "org.attunet.spark.storage..", "org.attunet.spark.job..", "org.attunet.spark.segment..")
                .should()
                .dependOnClassesThat(resideInAPackage("org.attunet..")
                        .and(not(resideInAnyPackage(
                                OURS,
                                "org.attunet.error..",
                                "org.attunet.image..",
                                "org.attunet.io..",
                                "org.attunet.bundle..",
                                "org.attunet.metrics..",
                                "org.attunet.preprocess..",
                                "org.attunet.predict.."))))
                .check(classes);
    }

    @Test
    void its_parts_form_no_cycle_and_know_no_command() {
        slices().matching("org.attunet.spark.(*)..").should().beFreeOfCycles().check(classes);
        noClasses()
                .that()
                .resideInAPackage("org.attunet.spark.*..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(COMMANDS, "org.attunet.console..", "picocli..")
                .check(classes);
        classes()
                .that()
                .resideInAPackage(COMMANDS)
                .should()
                .haveSimpleNameEndingWith("Command")
                .orShould()
                .haveSimpleName("Main")
                .orShould()
                .haveSimpleName("package-info")
                .check(classes);
    }
}
