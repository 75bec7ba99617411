#include "common/metrics/registry.hpp"

#include "common/build_info/build_info.hpp"
#include "common/metrics/process.hpp"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <iterator>
#include <utility>

namespace events::metrics {

Buckets latency_buckets() {
    return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0};
}

Registry::Registry(Labels common)
    : common_{std::move(common)}, registry_{std::make_unique<prometheus::Registry>()} {
    gauge("build_info", "Always 1; the labels say what runs.",
          {{"version", std::string{build_info::version()}},
           {"revision", std::string{build_info::revision()}}})
        .Set(1);
}

Registry::~Registry() = default;

Labels Registry::with_common(Labels labels) const {
    labels.insert(common_.begin(), common_.end());
    return labels;
}

Counter& Registry::counter(const std::string& name, const std::string& help, const Labels& labels) {
    return prometheus::BuildCounter()
        .Name(name)
        .Help(help)
        .Register(*registry_)
        .Add(with_common(labels));
}

Gauge& Registry::gauge(const std::string& name, const std::string& help, const Labels& labels) {
    return prometheus::BuildGauge()
        .Name(name)
        .Help(help)
        .Register(*registry_)
        .Add(with_common(labels));
}

Histogram& Registry::histogram(const std::string& name, const std::string& help,
                               const Buckets& buckets, const Labels& labels) {
    return prometheus::BuildHistogram()
        .Name(name)
        .Help(help)
        .Register(*registry_)
        .Add(with_common(labels), buckets);
}

std::string Registry::text() const {
    auto families = registry_->Collect();
    auto process = collect_process_metrics();
    for (auto& family : process) {
        for (auto& metric : family.metric) {
            for (const auto& [name, value] : common_) metric.label.push_back({name, value});
        }
    }
    families.insert(families.end(), std::make_move_iterator(process.begin()),
                    std::make_move_iterator(process.end()));
    return prometheus::TextSerializer{}.Serialize(families);
}

}  // namespace events::metrics
