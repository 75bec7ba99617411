#include "measurements.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <string_view>

namespace events::bench::scaling {
namespace {

using nlohmann::json;

template <typename Struct>
struct Field {
    std::string_view name;
    std::string_view unit;
    double Struct::*member;
};

constexpr std::array kCpu{
    Field<CpuCosts>{"gateway", "us/event", &CpuCosts::gateway},
    Field<CpuCosts>{"gateway message", "us/message", &CpuCosts::gateway_message},
    Field<CpuCosts>{"gateway request", "us/request", &CpuCosts::gateway_request},
    Field<CpuCosts>{"publish", "us/event", &CpuCosts::publish},
    Field<CpuCosts>{"publish message", "us/message", &CpuCosts::publish_message},
    Field<CpuCosts>{"deliver", "us/event", &CpuCosts::deliver},
    Field<CpuCosts>{"deliver message", "us/message", &CpuCosts::deliver_message},
    Field<CpuCosts>{"collector", "us/event", &CpuCosts::collector},
    Field<CpuCosts>{"collector message", "us/message", &CpuCosts::collector_message},
    Field<CpuCosts>{"collector batch", "us/batch", &CpuCosts::collector_batch},
    Field<CpuCosts>{"store", "us/event", &CpuCosts::store},
    Field<CpuCosts>{"store batch", "us/batch", &CpuCosts::store_batch},
};
constexpr std::array kBytes{
    Field<ByteCosts>{"http", "bytes/event", &ByteCosts::http},
    Field<ByteCosts>{"message", "bytes/event", &ByteCosts::message},
    Field<ByteCosts>{"row", "bytes/event", &ByteCosts::row},
    Field<ByteCosts>{"row indexes", "bytes/event", &ByteCosts::row_indexes},
    Field<ByteCosts>{"segment", "bytes/event", &ByteCosts::segment},
    Field<ByteCosts>{"WAL", "bytes/event", &ByteCosts::wal},
};
constexpr std::array kCeilings{
    Field<Ceilings>{"leader messages", "messages/s", &Ceilings::leader_messages},
    Field<Ceilings>{"leader bytes", "bytes/s", &Ceilings::leader_bytes},
    Field<Ceilings>{"commit", "ms", &Ceilings::commit_ms},
};
constexpr std::array kChoices{
    Field<Choices>{"utilisation", "share", &Choices::utilisation},
    Field<Choices>{"gateway cores", "cores", &Choices::gateway_cores},
    Field<Choices>{"broker cores", "cores", &Choices::broker_cores},
    Field<Choices>{"database cores", "cores", &Choices::database_cores},
    Field<Choices>{"database storage", "bytes", &Choices::database_storage},
    Field<Choices>{"network", "bytes/s", &Choices::network_bytes},
    Field<Choices>{"disk", "bytes/s", &Choices::disk_bytes},
    Field<Choices>{"EVENTS_PER_MESSAGE", "events", &Choices::events_per_message},
    Field<Choices>{"BATCH_SIZE", "events", &Choices::batch_size},
    Field<Choices>{"STREAM_REPLICAS", "copies", &Choices::stream_replicas},
    Field<Choices>{"database copies", "copies", &Choices::database_copies},
    Field<Choices>{"retention", "days", &Choices::retention_days},
};
bool says_where_from(const json& figure) {
    for (const auto* key : {"command", "why"}) {
        const auto found = figure.find(key);
        if (found != figure.end() && found->is_string() && !found->get<std::string>().empty()) {
            return true;
        }
    }
    return false;
}

class Reader {
  public:
    explicit Reader(const json& file) : file_{file} {}

    /// The section's figures that no read() took are problems.
    void open(const char* section) {
        section_ = section;
        left_ = json::object();
        const auto found = file_.is_object() ? file_.find(section) : file_.end();
        if (found == file_.end() || !found->is_object()) {
            problems_.push_back(fmt::format("{}: is missing", section));
        } else {
            left_ = *found;
        }
    }
    void close() {
        for (const auto& [name, figure] : left_.items()) problem(name, "is not known");
    }

    template <typename Struct>
    void read(std::span<const Field<Struct>> fields, Struct& into) {
        for (const auto& field : fields) {
            const std::string name{field.name};
            const auto value = value_of(name, field.unit);
            if (value) into.*field.member = *value;
            left_.erase(name);
        }
    }

    [[nodiscard]] std::vector<std::string> take_problems() { return std::move(problems_); }

  private:
    std::optional<double> value_of(const std::string& name, std::string_view unit) {
        const auto found = left_.find(name);
        if (found == left_.end()) return problem(name, "is missing");
        const auto& figure = *found;
        const auto value = figure.is_object() ? figure.value("value", json{}) : json{};
        if (!value.is_number()) return problem(name, "has no value");
        const auto number = value.get<double>();
        if (!std::isfinite(number) || number < 0) return problem(name, "is out of range");
        if (figure.value("unit", json{}) != unit) {
            return problem(name, fmt::format("is wanted in {}", unit));
        }
        if (!says_where_from(figure)) return problem(name, "does not say where it comes from");
        return number;
    }
    std::optional<double> problem(const std::string& name, std::string_view what) {
        problems_.push_back(fmt::format("{}: {} {}", section_, name, what));
        return std::nullopt;
    }

    const json& file_;
    std::string section_;
    json left_;
    std::vector<std::string> problems_;
};

}  // namespace

Expected<Measurements, std::vector<std::string>> read_measurements(const json& file) {
    Measurements measured;
    Reader reader{file};
    reader.open("costs");
    reader.read<CpuCosts>(kCpu, measured.costs.cpu);
    reader.read<ByteCosts>(kBytes, measured.costs.bytes);
    reader.read<Ceilings>(kCeilings, measured.costs.ceilings);
    reader.close();
    reader.open("choices");
    reader.read<Choices>(kChoices, measured.choices);
    reader.close();
    auto problems = reader.take_problems();
    if (!problems.empty()) return Unexpected<std::vector<std::string>>{std::move(problems)};
    return measured;
}

}  // namespace events::bench::scaling
