// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.faultline.deploy.ServiceSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A service whose steps are audited starts and goes on without a broker, and has a place on disk for the steps meanwhile that
 * holds more than the service may write there: a pod whose volume is too full is evicted.
 */
final class SpoolCheck implements Check {
    static final List<String> AUDITED = List.of("vcpu-service", "notifier-service");
    private static final int ROOM_PERCENT = 110;

    @Override
    public List<String> violations(Manifests manifests) {
        List<String> found = new ArrayList<>();
        manifests.workloads().stream()
                .filter(workload -> AUDITED.contains(workload.name()))
                .forEach(workload -> check(manifests, workload, found));
        return found;
    }

    private static void check(Manifests manifests, Workload workload, List<String> found) {
        ServiceSettings settings = ServiceSettings.of(workload.name());
        Environment environment = Environment.of(manifests, workload.container());
        if (!environment.get("AUDIT_REQUIRED", settings).equals("false")) {
            found.add(workload + ": AUDIT_REQUIRED is " + environment.get("AUDIT_REQUIRED", settings)
                    + " (expected: false, or no pod starts while the broker is away)");
        }
        String directory = environment.get("AUDIT_SPOOL_DIRECTORY", settings);
        Optional<Volume> volume = workload.container().getVolumeMounts().stream()
                .filter(mount -> mount.getMountPath().equals(directory))
                .map(VolumeMount::getName)
                .flatMap(name -> workload.pod().getVolumes().stream()
                        .filter(each -> each.getName().equals(name)))
                .findFirst();
        if (volume.isEmpty()) {
            found.add(workload + ": no volume is mounted at AUDIT_SPOOL_DIRECTORY, '" + directory + "'");
            return;
        }
        if (volume.get().getEmptyDir() == null
                || "Memory".equals(volume.get().getEmptyDir().getMedium())) {
            found.add(workload + ": the audit's spool is not on disk");
            return;
        }
        long needed = Long.parseLong(environment.get("AUDIT_SPOOL_MAX_BYTES", settings)) * ROOM_PERCENT / 100;
        long limit = Quantity.getAmountInBytes(volume.get().getEmptyDir().getSizeLimit())
                .longValueExact();
        if (limit < needed) {
            found.add(workload + ": the spool's sizeLimit is " + (limit >> 20) + " MiB (expected: at least "
                    + (needed >> 20) + " MiB, AUDIT_SPOOL_MAX_BYTES and a tenth)");
        }
    }
}
