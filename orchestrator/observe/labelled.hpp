#pragma once

#include <prometheus/family.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace carrel::observe {

/// The series of one metric with one label, all made at the start, found by the label's value.
template <class Metric>
class Labelled {
 public:
  /// `extra` are further arguments of the metric (a histogram's buckets), `fixed` further labels of each
  /// series.
  template <class... Extra>
  Labelled(prometheus::Family<Metric>& family, const std::string& label,
           const std::vector<std::string>& values, const prometheus::Labels& fixed, const Extra&... extra) {
    const auto add = [&](const std::string& value) {
      prometheus::Labels labels = fixed;
      labels.emplace(label, value);
      series_.emplace(value, &family.Add(labels, extra...));
    };
    for (const std::string& value : values) add(value);
    add("other");
  }

  [[nodiscard]] Metric& at(std::string_view value) const {
    const auto found = series_.find(value);
    return found != series_.end() ? *found->second : *series_.find("other")->second;
  }

 private:
  std::map<std::string, Metric*, std::less<>> series_;
};

/// The same with two labels.
template <class Metric>
class LabelledTwice {
 public:
  template <class... Extra>
  LabelledTwice(prometheus::Family<Metric>& family, const std::string& first,
                const std::vector<std::string>& firsts, const std::string& second,
                const std::vector<std::string>& seconds, const Extra&... extra) {
    for (const std::string& value : firsts) {
      rows_.emplace(value, Labelled<Metric>(family, second, seconds, {{first, value}}, extra...));
    }
    rows_.emplace("other", Labelled<Metric>(family, second, seconds, {{first, "other"}}, extra...));
  }

  [[nodiscard]] Metric& at(std::string_view first, std::string_view second) const {
    const auto found = rows_.find(first);
    return (found != rows_.end() ? found : rows_.find("other"))->second.at(second);
  }

 private:
  std::map<std::string, Labelled<Metric>, std::less<>> rows_;
};

}  // namespace carrel::observe
