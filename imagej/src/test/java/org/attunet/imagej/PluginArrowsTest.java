package org.attunet.imagej;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Which packages this module knows, as docs/ARCHITECTURE.md draws it. */
class PluginArrowsTest {
    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.attunet.imagej");

    @Test
    void the_plugin_uses_core_alone() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAPackage("org.attunet..")
                        .and(not(resideInAnyPackage(
                                "org.attunet.imagej",
                                "org.attunet.error",
                                "org.attunet.image",
                                "org.attunet.io",
                                "org.attunet.bundle",
                                "org.attunet.network",
                                "org.attunet.preprocess",
                                "org.attunet.metrics",
                                "org.attunet.picture",
                                "org.attunet.objects",
                                "org.attunet.predict"))))
                .check(classes);
    }

    @Test
    void the_plugin_knows_no_native_library() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bytedeco..", "ai.onnxruntime..", "picocli..")
                .check(classes);
    }
}
