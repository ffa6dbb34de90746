// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.authority.TestAuthority;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.rpc.Channels;
import io.faultline.rpc.Reachability;
import io.faultline.rpc.RpcConfiguration;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Statuses;
import io.grpc.BindableService;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** A server with a certificate, and clients of every kind. */
class TlsIT {
    private static final String SERVICE = "pager-service";
    private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(20);

    @TempDir
    private Path directory;

    private final TestAuthority authority = new TestAuthority();
    private final ServiceLoop loop = ServiceLoop.start("client");

    private ConfigurableApplicationContext context;
    private LogLines log;

    @BeforeEach
    void start() {
        authority.issue(directory, "server", "spiffe://faultline/service/" + SERVICE);
        authority.issue(directory, "client", "spiffe://faultline/client/me");
        context = server(files("server"));
        log = new LogLines();
    }

    @AfterEach
    void stop() {
        log.close();
        context.close();
        loop.close();
    }

    @Test
    void aClientOfTheSameAuthorityIsLetIn() {
        assertThat(call(client("client").toward(SERVICE))).isEqualTo("OK");
    }

    @Test
    void aClientOfAnotherAuthorityIsToldSoAndOthersAreUnharmed() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        new TestAuthority().issue(elsewhere, "client", "spiffe://faultline/client/me");
        Files.writeString(elsewhere.resolve("ca.pem"), authority.pem());
        ManagedChannel other = connect(client("client").toward(SERVICE));
        assertThat(Reachability.of(other).isOk()).isTrue();

        String answer = call(TlsCredentials.load(files(elsewhere, "client")).toward(SERVICE));

        assertThat(answer).startsWith("UNAVAILABLE: the other side refused this side's certificate");
        requireLogged("signed by an authority that is not trusted here");
        assertThat(Reachability.of(other).isOk()).isTrue();
        other.shutdownNow();
    }

    /* The server would let this client in: only the client itself can refuse. */
    @Test
    void aServerOfAnotherAuthorityIsNotTalkedTo() throws IOException {
        Path stranger = Files.writeString(directory.resolve("stranger.pem"), new TestAuthority().pem());
        TlsFiles mine = files("client");

        assertThat(call(TlsCredentials.load(new TlsFiles(stranger, mine.certificate(), mine.key()))
                        .toward(SERVICE)))
                .isEqualTo(
                        "UNAVAILABLE: the other side's certificate was signed by an authority that is not trusted here");
    }

    @Test
    void onlyTls13IsSpoken() throws Exception {
        assertThat(greeted(sslOf("client"), "TLSv1.3").getProtocol()).isEqualTo("TLSv1.3");
        assertThatThrownBy(() -> greeted(sslOf("client"), "TLSv1.2"))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("protocol_version");
    }

    /* A session that is taken up again keeps the time at which it was created. */
    @Test
    void noTicketLetsAClientComeBack() throws Exception {
        SSLContext ssl = sslOf("client");
        long firstMs = greeted(ssl, "TLSv1.3").getCreationTime();
        assertThat(becomesTrue(() -> System.currentTimeMillis() > firstMs)).isTrue();

        assertThat(greeted(ssl, "TLSv1.3").getCreationTime()).isGreaterThan(firstMs);
    }

    @Test
    void anotherServiceIsNotTalkedTo() {
        assertThat(call(client("client").toward("vcpu-service")))
                .isEqualTo("UNAVAILABLE: identity: spiffe://faultline/service/pager-service"
                        + " (expected: service/vcpu-service of the trust domain faultline)");
    }

    @Test
    void anExpiredCertificateIsRefusedAndTheServiceSaysWhy() {
        authority.issueExpired(directory, "late", "spiffe://faultline/client/me");

        // JSSE tells a client only that its certificate was refused.
        assertThat(call(client("late").toward(SERVICE)))
                .startsWith("UNAVAILABLE: the other side refused this side's certificate");
        requireLogged("the other side's certificate has expired");
    }

    @Test
    void aCertificateOfAnotherTrustDomainIsRefused() {
        authority.issue(directory, "foreign", "spiffe://elsewhere/client/me");
        Path foreign = directory.resolve("foreign.pem");

        assertThat(call(credentialsOf(foreign))).startsWith("UNAVAILABLE: the other side refused");
        requireLogged("identity: spiffe://elsewhere/client/me (expected: anyone of the trust domain faultline)");
    }

    @Test
    void plainTextIsRefusedAndBothSidesHearWhy() {
        assertThat(call(InsecureChannelCredentials.create()))
                .isEqualTo("UNAVAILABLE: the other side speaks TLS, and was spoken to in plain text");
        requireLogged("it speaks plain text, and this service TLS");
        assertThat(context.getBean(MeterRegistry.class)
                        .get("faultline.rpc.handshakes.failed")
                        .functionCounter()
                        .count())
                .isPositive();
    }

    @Test
    void tlsTowardPlainTextIsRefusedAndBothSidesHearWhy() {
        try (ConfigurableApplicationContext plain = server(null)) {
            assertThat(call(plain, client("client").toward(SERVICE)))
                    .isEqualTo("UNAVAILABLE: the other side does not speak TLS");
            requireLogged("it speaks TLS, and this service plain text");
        }
    }

    @Test
    void aClientWithoutACertificateIsRefused() {
        ChannelCredentials none = TlsChannelCredentials.newBuilder()
                .trustManager(client("client").trustManager())
                .build();

        assertThat(call(none)).isEqualTo("UNAVAILABLE: the other side wants a certificate, and was shown none");
        requireLogged("the other side showed no certificate");
    }

    @Test
    void newCertificatesAreTakenUpWithoutARestart() throws IOException {
        ManagedChannel before = connect(client("client").toward(SERVICE));
        assertThat(Reachability.of(before).isOk()).isTrue();

        TestAuthority next = new TestAuthority();
        next.issue(directory, "server", "spiffe://faultline/service/" + SERVICE);
        next.issue(directory, "client", "spiffe://faultline/client/me");
        TlsCredentials renewed = client("client");

        assertThat(becomesTrue(() -> call(renewed.toward(SERVICE)).equals("OK")))
                .isTrue();
        assertThat(Reachability.of(before).isOk()).isTrue();
        before.shutdownNow();
    }

    @Test
    void halfOfAPairIsNotTakenUp() throws IOException {
        Path key = directory.resolve("server.key");
        String whole = Files.readString(key);
        Files.writeString(key, Files.readString(directory.resolve("client.key")));

        assertThat(becomesTrue(() -> log.text().contains("staying with the credentials")))
                .isTrue();
        assertThat(call(client("client").toward(SERVICE))).isEqualTo("OK");
        assertThat(log.text())
                .contains("its key is not the one in")
                .doesNotContain(whole.lines().toList().get(1));
    }

    @Test
    void aClientTakesUpItsOwnNewCertificateForItsNextConnection() {
        TlsCredentials mine = client("client");
        ManagedChannel channel = connect(mine.toward(SERVICE));
        authority.issueExpired(directory, "client", "spiffe://faultline/client/me");
        assertThat(mine.reload()).isTrue();

        assertThat(Statuses.describe(Reachability.of(channel)))
                .startsWith("UNAVAILABLE: the other side refused this side's certificate");
        channel.shutdownNow();
    }

    /* A client may hear of its end before the service has written why. */
    private void requireLogged(String text) {
        assertThat(becomesTrue(() -> log.text().contains(text)))
                .as("%s in %s", text, log.text())
                .isTrue();
    }

    private SSLContext sslOf(String name) throws GeneralSecurityException {
        SSLContext ssl = SSLContext.getInstance("TLS");
        TlsCredentials credentials = client(name);
        ssl.init(new KeyManager[] {credentials.keyManager()}, new TrustManager[] {credentials.trustManager()}, null);
        return ssl;
    }

    /* Shakes hands and reads the beginning of what the server says of its own accord, past where tickets come. */
    private SSLSession greeted(SSLContext ssl, String version) throws IOException {
        try (SSLSocket socket = (SSLSocket) ssl.getSocketFactory().createSocket("127.0.0.1", port(context))) {
            socket.setSoTimeout(Math.toIntExact(TimeUnit.NANOSECONDS.toMillis(WAIT_NS)));
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            parameters.setProtocols(new String[] {version});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            assertThat(socket.getInputStream().read()).isNotNegative();
            return socket.getSession();
        }
    }

    private TlsCredentials client(String name) {
        return TlsCredentials.load(files(name));
    }

    /* Without the client's own look at whom it trusts. */
    private ChannelCredentials credentialsOf(Path certificate) {
        try {
            return TlsChannelCredentials.newBuilder()
                    .keyManager(
                            certificate.toFile(),
                            Path.of(certificate.toString().replace(".pem", ".key"))
                                    .toFile())
                    .trustManager(client("client").trustManager())
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private TlsFiles files(String name) {
        return files(directory, name);
    }

    private static TlsFiles files(Path directory, String name) {
        return new TlsFiles(
                directory.resolve("ca.pem"), directory.resolve(name + ".pem"), directory.resolve(name + ".key"));
    }

    private ManagedChannel connect(ChannelCredentials credentials) {
        return Channels.connect(loop, "127.0.0.1:" + port(context), credentials);
    }

    private String call(ChannelCredentials credentials) {
        return call(context, credentials);
    }

    private String call(ConfigurableApplicationContext server, ChannelCredentials credentials) {
        ManagedChannel channel = Channels.connect(loop, "127.0.0.1:" + port(server), credentials);
        try {
            Status status = Reachability.of(channel);
            return Statuses.describe(status);
        } finally {
            channel.shutdownNow();
        }
    }

    private static int port(ConfigurableApplicationContext context) {
        return context.getBean(GrpcServerLifecycle.class).getPort();
    }

    private static boolean becomesTrue(BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + WAIT_NS;
        while (System.nanoTime() < deadlineNs) {
            if (condition.getAsBoolean()) {
                return true;
            }
            Thread.onSpinWait();
        }
        return false;
    }

    private static ConfigurableApplicationContext server(@Nullable TlsFiles files) {
        String[] tls = files == null
                ? new String[0]
                : new String[] {
                    "--faultline.tls.ca-file=" + files.ca(),
                    "--faultline.tls.certificate-file=" + files.certificate(),
                    "--faultline.tls.key-file=" + files.key(),
                    "--faultline.tls.reload-ms=100"
                };
        return new SpringApplicationBuilder(Service.class)
                .web(WebApplicationType.NONE)
                .properties("spring.grpc.server.port=0", "spring.main.banner-mode=off")
                .run(tls);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(RpcConfiguration.class)
    static class Service {
        @Bean
        BindableService pages() {
            return new PageServiceGrpc.PageServiceImplBase() {};
        }
    }
}
