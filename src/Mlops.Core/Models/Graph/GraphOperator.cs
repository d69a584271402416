using System.Text.Json.Serialization;

namespace Mlops.Models;

/// <summary>What a node of a <see cref="ModelGraph"/> does. Every operator works on each row by itself.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "operator")]
[JsonDerivedType(typeof(SelectOperator), "select")]
[JsonDerivedType(typeof(ImputeOperator), "impute")]
[JsonDerivedType(typeof(ImputeTextOperator), "impute_text")]
[JsonDerivedType(typeof(ScaleOperator), "scale")]
[JsonDerivedType(typeof(MissingIndicatorOperator), "missing_indicator")]
[JsonDerivedType(typeof(ClipOperator), "clip")]
[JsonDerivedType(typeof(DayOfWeekOperator), "day_of_week")]
[JsonDerivedType(typeof(DatePartOperator), "date_part")]
[JsonDerivedType(typeof(OneHotOperator), "one_hot")]
[JsonDerivedType(typeof(OneHotTextOperator), "one_hot_text")]
[JsonDerivedType(typeof(TextLookupOperator), "text_lookup")]
[JsonDerivedType(typeof(HashTextOperator), "hash_text")]
[JsonDerivedType(typeof(BagOfWordsOperator), "bag_of_words")]
[JsonDerivedType(typeof(ConcatOperator), "concat")]
[JsonDerivedType(typeof(LinearRegressorOperator), "linear_regressor")]
[JsonDerivedType(typeof(LinearClassifierOperator), "linear_classifier")]
[JsonDerivedType(typeof(ConstantOperator), "constant")]
[JsonDerivedType(typeof(KMeansOperator), "k_means")]
public abstract record GraphOperator;
