using System.Text.Json.Serialization;

namespace Mlops.Evaluation;

/// <summary>How a gate tells a gain from chance.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Significance>))]
public enum Significance
{
    /// <summary><see cref="DeLong"/> for <c>roc_auc</c> of two classes without weights, <see cref="Bootstrap"/> elsewhere.</summary>
    Automatic,

    /// <summary>Both models are judged again on the same rows drawn with replacement (<see cref="PairedBootstrap"/>): for any metric.</summary>
    Bootstrap,

    /// <summary>The covariance of two areas under the ROC curve on the same rows: for <c>roc_auc</c> of two classes. It draws nothing, and is faster.</summary>
    DeLong,

    /// <summary>Not at all: any gain counts.</summary>
    None,
}
