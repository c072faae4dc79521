// Why a call has no cost, in words.
const kReasons: Record<string, string> = {
  usage_not_told: 'no usage was told',
  model_not_told: 'no model was told',
  model_unknown: 'no rule of the price table fits the model',
  provider_unknown: 'the price table has no rule of this provider',
  fine_tune_unknown: 'a fine-tune without a rule',
  deployment: 'a deployment may be any model; the answer does not name it',
  outside_dates: 'the rules of this model hold at other times',
  service_tier_unknown: 'the rule has no price for this service tier',
  part_unpriced: 'one part of the usage has no price',
  out_of_range: 'the amount is out of range',
};

export function costReason(reason: string): string {
  return kReasons[reason] ?? reason;
}
