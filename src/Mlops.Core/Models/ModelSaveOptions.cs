using Mlops.Evaluation;
using Mlops.Profiles;

namespace Mlops.Models;

/// <summary>What a model directory is given besides the model.</summary>
public sealed class ModelSaveOptions
{
    /// <summary>Gets the run that trained the model.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public string? RunId { get; init; }

    /// <summary>Gets the profile of the training data.</summary>
    /// <value>The default value is <see langword="null"/>: none is saved.</value>
    public DatasetProfile? Profile { get; init; }

    /// <summary>Gets the report of the validation that the model has passed.</summary>
    /// <value>The default value is <see langword="null"/>: none is saved.</value>
    public ModelValidationReport? ValidationReport { get; init; }

    /// <summary>Gets rows with the outputs they must give.</summary>
    /// <value>The default value is <see langword="null"/>: none are saved.</value>
    public GoldenRows? GoldenRows { get; init; }

    /// <summary>Gets the clock.</summary>
    /// <value>The default value is the system's.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
