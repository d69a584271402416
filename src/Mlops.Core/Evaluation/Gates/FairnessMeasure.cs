using System.Text.Json.Serialization;

namespace Mlops.Evaluation;

/// <summary>What is to be alike for all groups.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FairnessMeasure>))]
public enum FairnessMeasure
{
    /// <summary>The share of rows that are taken for positive.</summary>
    DemographicParity,

    /// <summary>The share of positive rows that are taken for positive.</summary>
    EqualOpportunity,

    /// <summary>The shares of positive and of negative rows that are taken for positive, whichever differs more.</summary>
    EqualizedOdds,

    /// <summary>The share of rows taken for positive that are positive.</summary>
    PredictiveParity,

    /// <summary>The share of right decisions.</summary>
    Accuracy,
}
