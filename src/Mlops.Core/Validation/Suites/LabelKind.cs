using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>What the values of a label are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LabelKind>))]
public enum LabelKind
{
    /// <summary>Amounts: a model of them is a regression.</summary>
    Number,

    /// <summary>Names of classes, whatever their type: a model of them is a classification.</summary>
    Class,
}
