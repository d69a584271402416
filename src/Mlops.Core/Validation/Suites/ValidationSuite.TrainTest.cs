namespace Mlops.Validation;

public sealed partial class ValidationSuite
{
    /// <summary>Makes the suite of the checks that compare a training and a test set: sizes, leaks from one to the other, what is new in the test set, and drift.</summary>
    /// <returns>The suite, whose checks have their default limits. <see cref="NearDuplicatesCheck"/> is not in it, since it takes long; add it by <see cref="With"/>.</returns>
    /// <example><code>
    /// var suite = ValidationSuite.TrainTest().With(new SampleMixCheck { MaximumRatio = 0 }).With(new NearDuplicatesCheck());
    /// var report = await suite.RunAsync(train, test);
    /// </code></example>
    public static ValidationSuite TrainTest() => new(
        "train_test",
        new SizeRatioCheck(),
        new NewLabelsCheck(),
        new NewCategoriesCheck(),
        new NewStringVariantsCheck(),
        new DateDuplicatesCheck(),
        new DateOverlapCheck(),
        new KeyOverlapCheck(),
        new GroupOverlapCheck(),
        new SampleMixCheck(),
        new ContradictingLabelsCheck(),
        new PredictivePowerChangeCheck(),
        new FeatureDriftCheck(),
        new LabelDriftCheck(),
        new MultivariateDriftCheck());
}
