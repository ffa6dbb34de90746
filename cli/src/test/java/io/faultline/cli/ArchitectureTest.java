// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.util.Random;

/** The dependency rules of CONTRIBUTING.md, over every class that is shipped. */
@AnalyzeClasses(packages = "io.faultline", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule aDomainKnowsModelAndPlainJavaOnly = classes()
            .that()
            .resideInAPackage("io.faultline.*.domain..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "io.faultline.*.domain..",
                    "io.faultline.model..",
                    "java.lang..",
                    "java.util",
                    "java.util.function",
                    "java.util.stream",
                    "org.jspecify..",
                    // Counters are written by their owner and read by whoever reports them.
                    "java.util.concurrent.atomic"));

    @ArchTest
    static final ArchRule aDomainHasNoClockThreadOrRandom = noClasses()
            .that()
            .resideInAPackage("io.faultline.*.domain..")
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Clock.class, Thread.class, Random.class)
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    @ArchTest
    static final ArchRule modelKnowsNothingElse = classes()
            .that()
            .resideInAPackage("io.faultline.model..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage("io.faultline.model..", "java.lang..", "org.jspecify.."));

    @ArchTest
    static final ArchRule generatedTypesStopAtTheWire = noClasses()
            .that(resideInAnyPackage("io.faultline.vcpu..", "io.faultline.pager..", "io.faultline.notifier..")
                    .and(not(resideInAnyPackage("..app.grpc.."))))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.faultline.proto..");

    @ArchTest
    static final ArchRule planesSeeEachOtherThroughTheContractOnly =
            slices().matching("io.faultline.(vcpu|pager|notifier)..").should().notDependOnEachOther();

    @ArchTest
    static final ArchRule domainsAreNotTiedInCycles =
            slices().matching("io.faultline.(*)..").should().beFreeOfCycles();
}
