// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.grpc.protobuf.ProtoServiceDescriptorSupplier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What calls there are and what they carry, in one release. Immutable. */
final class WireContract {
    private final Map<String, MethodDescriptor> methods = new HashMap<>();

    private WireContract(Stream<ServiceDescriptor> services) {
        services.flatMap(service -> service.getMethods().stream())
                .forEach(method -> methods.put(method.getService().getFullName() + "/" + method.getName(), method));
    }

    /** That of these sources. */
    static WireContract present() {
        return new WireContract(Stream.of(
                        VmServiceGrpc.getServiceDescriptor(),
                        FaultServiceGrpc.getServiceDescriptor(),
                        PageServiceGrpc.getServiceDescriptor(),
                        NotificationServiceGrpc.getServiceDescriptor(),
                        GuestServiceGrpc.getServiceDescriptor())
                .map(service -> ((ProtoServiceDescriptorSupplier) Objects.requireNonNull(service.getSchemaDescriptor()))
                        .getServiceDescriptor()));
    }

    /** That of the release before, as {@code proto/contract} keeps it. */
    static WireContract last() throws IOException {
        FileDescriptorSet image =
                FileDescriptorSet.parseFrom(Files.readAllBytes(Path.of("../proto/contract/last.binpb")));
        Map<String, FileDescriptor> files = new HashMap<>();
        for (FileDescriptorProto file : image.getFileList()) {
            // The image has a file after those that it imports.
            FileDescriptor[] imports =
                    file.getDependencyList().stream().map(files::get).toArray(FileDescriptor[]::new);
            try {
                files.put(file.getName(), FileDescriptor.buildFrom(file, imports));
            } catch (DescriptorValidationException e) {
                throw new IllegalStateException(file.getName(), e);
            }
        }
        return new WireContract(files.values().stream().flatMap(file -> file.getServices().stream()));
    }

    /** A call by its full name, such as {@code faultline.vcpu.v1.FaultService/Raise}; null if there is none. */
    @Nullable
    MethodDescriptor method(String fullName) {
        return methods.get(fullName);
    }
}
