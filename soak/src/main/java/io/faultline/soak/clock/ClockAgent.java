// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.clock;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicCallSiteDesc;
import java.lang.constant.MethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.ProtectionDomain;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The agent in a process whose clock is stepped. Every class that asks {@link System#currentTimeMillis}, or is what the JDK's
 * own clocks and {@link Instant#now} come from, asks {@link SteppedTime} instead; the monotonic clock stays what it is, as when
 * somebody sets a machine's time. The step is a number of milliseconds in a file, looked at 50 times a second; a file beside it,
 * with the process's id as its name, says which one is in force.
 */
public final class ClockAgent {
    private static final long LOOK_NS = 20_000_000;
    private static final ClassDesc SYSTEM = ClassDesc.of("java.lang.System");
    private static final ClassDesc CLOCK = ClassDesc.of("java.time.Clock");
    private static final ClassDesc INSTANT = ClassDesc.of("java.time.Instant");
    private static final ClassDesc STEPPED = ClassDesc.of(SteppedTime.class.getName());
    private static final String MILLIS = "currentTimeMillis";
    private static final MethodTypeDesc MILLIS_TYPE = MethodTypeDesc.of(ConstantDescs.CD_long);
    private static final String STEPPED_NAME = SteppedTime.class.getName().replace('.', '/');
    private static final MethodTypeDesc OF_INSTANT = MethodTypeDesc.of(INSTANT, INSTANT);

    private ClockAgent() {}

    /**
     * Called by the JVM before {@code main}.
     *
     * @param arguments the step's file
     */
    public static void premain(String arguments, Instrumentation instrumentation)
            throws IOException, ReflectiveOperationException, UnmodifiableClassException {
        instrumentation.addTransformer(new Rewriting(), true);
        instrumentation.retransformClasses(
                Class.forName("java.time.Clock"),
                Class.forName("java.time.Clock$SystemClock"),
                Class.forName("java.time.Clock$SystemInstantSource"),
                Instant.class,
                Date.class);
        Path step = Path.of(arguments);
        String first = Files.readString(step);
        take(step, first);
        Thread.ofPlatform().daemon().name("clock").start(() -> follow(step, first));
    }

    private static void follow(Path step, String first) {
        String inForce = first;
        try {
            while (Files.exists(step)) {
                String ms = Files.readString(step);
                if (!ms.equals(inForce)) {
                    take(step, ms);
                    inForce = ms;
                }
                LockSupport.parkNanos(LOOK_NS);
            }
        } catch (IOException e) {
            if (Files.exists(step)) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void take(Path step, String ms) throws IOException {
        SteppedTime.step(Long.parseLong(ms));
        writeWhole(step.resolveSibling(Long.toString(ProcessHandle.current().pid())), ms);
    }

    /** Writes a file that others read at any time: they see it as it was or as it is. */
    static void writeWhole(Path file, String text) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.writeString(part, text);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static final class Rewriting implements ClassFileTransformer {
        @Override
        public byte @Nullable [] transform(
                Module module,
                @Nullable ClassLoader loader,
                String name,
                @Nullable Class<?> redefined,
                @Nullable ProtectionDomain domain,
                byte[] bytes) {
            if (name.equals(STEPPED_NAME)) {
                return null;
            }
            ClassFile format = ClassFile.of();
            var model = format.parse(bytes);
            boolean asks = model.methods().stream()
                    .flatMap(method -> method.code().stream())
                    .flatMap(code -> code.elementStream())
                    .anyMatch(Rewriting::asksForTime);
            return asks
                    ? format.transformClass(model, ClassTransform.transformingMethodBodies(Rewriting::rewrite))
                    : null;
        }

        private static boolean asksForTime(CodeElement element) {
            return switch (element) {
                case InvokeInstruction call -> isMillis(call) || isInstant(call);
                case InvokeDynamicInstruction call ->
                    call.bootstrapArgs().stream().anyMatch(Rewriting::isMillis);
                default -> false;
            };
        }

        private static void rewrite(CodeBuilder code, CodeElement element) {
            switch (element) {
                case InvokeInstruction call when isMillis(call) -> code.invokestatic(STEPPED, MILLIS, MILLIS_TYPE);
                case InvokeInstruction call
                when isInstant(call) -> code.with(call).invokestatic(STEPPED, "of", OF_INSTANT);
                case InvokeDynamicInstruction call -> code.invokedynamic(stepped(call));
                default -> code.with(element);
            }
        }

        /** A call site, such as one that makes a supplier of {@code System::currentTimeMillis}. */
        private static DynamicCallSiteDesc stepped(InvokeDynamicInstruction call) {
            ConstantDesc[] arguments = call.bootstrapArgs().stream()
                    .map(argument -> isMillis(argument)
                            ? MethodHandleDesc.ofMethod(
                                    DirectMethodHandleDesc.Kind.STATIC, STEPPED, MILLIS, MILLIS_TYPE)
                            : argument)
                    .toArray(ConstantDesc[]::new);
            return DynamicCallSiteDesc.of(
                    call.bootstrapMethod(), call.name().stringValue(), call.typeSymbol(), arguments);
        }

        private static boolean isMillis(ConstantDesc argument) {
            return argument instanceof DirectMethodHandleDesc handle
                    && handle.owner().equals(SYSTEM)
                    && handle.methodName().equals(MILLIS);
        }

        private static boolean isMillis(InvokeInstruction call) {
            return call.owner().asSymbol().equals(SYSTEM) && call.name().equalsString(MILLIS);
        }

        private static boolean isInstant(InvokeInstruction call) {
            // The JDK's system clock inherits it, and calls it as its own.
            ClassDesc owner = call.owner().asSymbol();
            return call.name().equalsString("currentInstant")
                    && (owner.equals(CLOCK) || owner.equals(CLOCK.nested("SystemClock")));
        }
    }
}
