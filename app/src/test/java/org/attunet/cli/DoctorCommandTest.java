package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Set;
import org.attunet.tensor.Precaution;
import org.attunet.tensor.SelfTest;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {
    private static final SelfTest.Attempt SURVIVED = attempt(Set.of(), "", false);
    private static final SelfTest.Attempt DIED = attempt(Set.of(), "SIGFPE", true);

    private static SelfTest.Attempt attempt(Set<Precaution> precautions, String end, boolean died) {
        return new SelfTest.Attempt(precautions, List.of("loading"), end.isEmpty() ? null : "kernel 1", end, died);
    }

    private static Diagnosis diagnosis(String onnx, SelfTest.Attempt... attempts) {
        Set<Precaution> used = attempts[attempts.length - 1].precautions();
        return new Diagnosis(new SelfTest.Result(used, List.of(attempts)), onnx);
    }

    @Test
    void the_verdict_follows_from_the_tests() {
        assertThat(diagnosis("", SURVIVED).verdict()).startsWith("healthy: ");
        Diagnosis avoiding = diagnosis("", DIED, attempt(Set.of(Precaution.MATRIX_PRODUCTS), "", false));
        assertThat(avoiding.healthy()).isTrue();
        assertThat(avoiding.verdict())
                .isEqualTo(
                        "usable: libtorch dies here (SIGFPE in kernel 1) unless attunet uses kernel-1 convolutions as"
                                + " matrix products, which it now does");
        Diagnosis hopeless = diagnosis("", DIED, attempt(Set.of(Precaution.NO_ONEDNN), "SIGSEGV", true));
        assertThat(hopeless.healthy()).isFalse();
        assertThat(hopeless.verdict()).contains("may end at any time");
        Diagnosis untested = diagnosis("", attempt(Set.of(), "SIGKILL", false));
        assertThat(untested.healthy()).isFalse();
        assertThat(untested.verdict()).isEqualTo("libtorch could not be tested (SIGKILL in kernel 1)");
        assertThat(diagnosis("SIGSEGV", SURVIVED).verdict()).startsWith("ONNX Runtime fails here (SIGSEGV)");
        assertThat(diagnosis("SIGSEGV", SURVIVED).healthy()).isFalse();
    }

    @Test
    void it_prints_the_machine_the_engines_and_the_tests() throws Exception {
        Program program = Program.run("doctor", "--json");
        assertThat(program.code()).as(program.out() + program.err()).isZero();
        JsonNode json = new ObjectMapper().readTree(program.out());
        assertThat(json.at("/processor/name").asText()).isNotEmpty();
        assertThat(json.at("/memory/java_heap_bytes").asLong()).isPositive();
        assertThat(json.at("/engines/libtorch").asText()).matches("[0-9.]+-[0-9.]+");
        assertThat(json.at("/engines/onednn").asText()).matches("[0-9.]+|none");
        assertThat(json.at("/engines/onnxruntime").asText()).isEqualTo("1.28.0");
        assertThat(json.at("/self_test/onnxruntime").asText()).isEqualTo("passed");
        assertThat(json.at("/self_test/libtorch/0/passed")).hasSizeGreaterThan(9);
        assertThat(json.path("healthy").asBoolean()).isTrue();
    }
}
