// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.faultline.model.AuditChain;
import io.faultline.model.AuditStep;
import io.faultline.model.StepKind;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

class AuditConfigurationIT {
    @Configuration(proxyBeanMethods = false)
    @Import(AuditConfiguration.class)
    static class Service {
        @Bean
        AuditSource auditSource() {
            return new AuditSource("vcpu-service");
        }
    }

    @Test
    void aLogThatIsDisabledCountsOnly() {
        try (ConfigurableApplicationContext context = start("--faultline.audit.enabled=false")) {
            AuditLog log = context.getBean(AuditLog.class);

            log.append(new AuditChain(1, 0, new AuditStep()).next(StepKind.OPENED, 1));

            assertThat(log).isInstanceOf(CountingAuditLog.class);
            assertThat(((CountingAuditLog) log).steps()).isEqualTo(1);
        }
    }

    @Test
    void aRequiredBrokerThatIsAwayEndsTheStartWithItsAddressAndWhatToDo() {
        Throwable failure = catchThrowable(() ->
                start("--faultline.audit.bootstrap-servers=127.0.0.1:1", "--faultline.audit.connect-timeout-ms=300"));

        FailureAnalysis analysis = Objects.requireNonNull(new BrokerUnavailableAnalyzer().analyze(failure));

        assertThat(analysis.getDescription()).isEqualTo("no Kafka broker at 127.0.0.1:1: no answer within 300 ms");
        assertThat(analysis.getAction()).contains("faultline.audit.bootstrap-servers", "faultline.audit.enabled=false");
    }

    @Test
    void aBrokerThatIsNotRequiredIsNotWaitedFor() {
        try (ConfigurableApplicationContext context = start(
                "--faultline.audit.bootstrap-servers=127.0.0.1:1",
                "--faultline.audit.required=false",
                "--faultline.audit.connect-timeout-ms=300")) {
            assertThat(context.getBean(AuditLog.class)).isInstanceOf(KafkaAuditLog.class);
        }
    }

    private static ConfigurableApplicationContext start(String... arguments) {
        return new SpringApplicationBuilder(Service.class)
                .web(WebApplicationType.NONE)
                .properties("spring.main.banner-mode=off")
                .run(arguments);
    }
}
