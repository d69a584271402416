namespace Mlops.Validation;

/// <content>The suite of data integrity.</content>
public sealed partial class ValidationSuite
{
    /// <summary>Makes the suite of checks that look at one dataset by itself, with their default limits.</summary>
    /// <remarks>
    /// Give columns their roles first (<see cref="Data.ColumnRole"/>): the label for the checks that need one, keys and times so that they are not taken for features.
    /// Limits are adjusted with <see cref="With"/>, checks left out with <see cref="Without"/>.
    /// </remarks>
    /// <param name="part">Which dataset they look at, where there are two.</param>
    /// <returns>The suite.</returns>
    /// <example><code>
    /// var suite = ValidationSuite.DataIntegrity().With(new DuplicateRowsCheck { MaximumRatio = 0.01 }).Without("outlier_samples");
    /// </code></example>
    public static ValidationSuite DataIntegrity(DatasetPart part = DatasetPart.Train) => new(
        "data_integrity",
        new ColumnsInfoCheck { Part = part },
        new SingleValueColumnsCheck { Part = part },
        new MissingValuesCheck { Part = part },
        new MixedNullsCheck { Part = part },
        new MixedTypesCheck { Part = part },
        new SpecialCharactersCheck { Part = part },
        new StringVariantsCheck { Part = part },
        new StringLengthOutliersCheck { Part = part },
        new DuplicateRowsCheck { Part = part },
        new ConflictingLabelsCheck { Part = part },
        new ClassImbalanceCheck { Part = part },
        new OutlierSamplesCheck { Part = part },
        new FeatureLabelCorrelationCheck { Part = part },
        new FeatureFeatureCorrelationCheck { Part = part },
        new IdentifierLabelCorrelationCheck { Part = part });
}
