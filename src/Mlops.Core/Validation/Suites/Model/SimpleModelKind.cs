using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>A model without any skill, or with very little, that another one has to be better than.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SimpleModelKind>))]
public enum SimpleModelKind
{
    /// <summary>The shares of the classes in the training set as probabilities, so that the most frequent class is predicted; the mean label of a regression.</summary>
    Constant,

    /// <summary>The class, or the label, of a row of the training set that is drawn at random.</summary>
    Stratified,

    /// <summary>The tree of three levels over one feature that predicts the training set best; learned from and judged by samples.</summary>
    SingleFeatureTree,
}
